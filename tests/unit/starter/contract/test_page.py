"""docs/contract.md, and the examples it shows."""

import json
import shlex
from typing import Any

import pytest

from domain.attempts.work import LateEvent
from domain.designers.dispatch import DispatchRequest
from domain.library.finding import FindRequest
from domain.order.inbox import Unreadable, read
from domain.order.messages import SIGNALS, UPDATES, Answer, OrderRequest
from domain.story.handling import HANDLERS
from runtime.paths import ROOT
from starter.contract.examples import (
    ANSWERS,
    LATE_EVENT,
    QUERY_ANSWERS,
    QUERY_EXAMPLES,
    QUESTION,
    REQUEST,
    SEARCH,
    SIGNAL_EXAMPLES,
    UPDATE_EXAMPLES,
)
from starter.contract.page import DEFINITION, page

SENT = [*SIGNAL_EXAMPLES.items(), *((UPDATES[name], example) for name, example in UPDATE_EXAMPLES.items())]


def test_the_page_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "contract.md").read_text() == page(), "run `make contract`"


def test_the_workflow_hears_every_signal_and_update_and_the_order_handles_each() -> None:
    assert set(DEFINITION.signals) == {*SIGNALS, None}  # None is that of whatever else is sent
    assert set(DEFINITION.updates) == {*UPDATES, "act_as_staff"}  # the board's own
    assert set(HANDLERS) == {*SIGNALS.values(), Unreadable}


def test_every_signal_update_and_query_has_an_example() -> None:
    assert list(SIGNAL_EXAMPLES) == list(SIGNALS)
    assert list(UPDATE_EXAMPLES) == list(UPDATES)
    assert set(QUERY_ANSWERS) == set(DEFINITION.queries)


@pytest.mark.parametrize(("signal", "example"), SENT, ids=[signal for signal, _ in SENT])
def test_an_example_is_read_with_every_field_it_names(signal: str, example: dict[str, Any]) -> None:
    message = read(signal, example)
    assert not isinstance(message, Unreadable), message
    assert set(example) <= message.model_fields_set | {"gemini_prompt"}


def test_the_examples_of_what_is_no_signal_are_read_too() -> None:
    assert OrderRequest.model_validate(REQUEST).pictures
    assert DispatchRequest.model_validate(QUESTION).marker == f"订单 {QUESTION['task_id']}"
    assert FindRequest.model_validate(SEARCH).has_picture
    assert read(LATE_EVENT["signal"], LateEvent.model_validate(LATE_EVENT).payload).event_id
    assert {name: Answer.model_validate(answer).accepted for name, answer in ANSWERS.items()} == {
        "taken": True,
        "refused": False,
    }


def test_every_field_says_what_it_is_for() -> None:
    rows = [line.split(" | ") for line in page().splitlines() if line.startswith("| `") and line.count(" | ") == 3]
    assert len(rows) > 50
    assert not [row for row in rows if not row[-1].strip(" |").endswith(".")]


def test_a_shell_hands_the_examples_over_as_they_are() -> None:
    commands = [block for block in page().split("```") if block.startswith("\ntemporal workflow")]
    sent = [json.loads(shlex.split(command)[-1]) for command in commands if "--input" in command]
    events = [*SIGNAL_EXAMPLES.values(), *UPDATE_EXAMPLES.values()]
    assert sent == [REQUEST, *events, *QUERY_EXAMPLES.values(), LATE_EVENT, QUESTION, SEARCH]
