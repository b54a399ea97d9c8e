"""Everybody reads their language: no sentence of the developers reaches a customer, a designer or the staff's group."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.alerting import Alerting
from activities.dispatching import Dispatching
from adapters.phrases import Phrasebook
from domain.attempts.work import Examined
from domain.designers.dispatch import DispatchRequest
from domain.order.inbox import read
from domain.order.messages import SIGNALS
from domain.order.order import Order
from domain.order.picture import Attempt
from domain.story import handling, progress
from domain.texts.catalogue import LANGUAGES, TEXTS, Language
from domain.texts.phrase import Said, said
from domain.vocabulary import errors
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation
from domain.vocabulary.rules import DesignerRules
from runtime.paths import ROOT
from tests.fakes import FakeFiles, FakeStaff
from tests.syntax import syntax_tree
from tests.unit.domain.making import NOW, new_order, quoted_order, send, shown_order, working_order

FOLDERS = ("domain", "activities", "workflows", "adapters", "gateway", "starter")
OWN = {"zh": ROOT / "phrases.toml", "en": ROOT / "phrases.en.toml"}
SENTENCE = re.compile(r"[A-Za-z']{2,}(?: [A-Za-z']{2,}){2,}")  # three words of English
COMMAND = re.compile(r"darkroom [a-z]+ [a-z]+(?: [\w-]+)*")
QUOTED = re.compile(r"「[^」]*」|https?://\S+")
LEFT = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DarkroomError)]


def english_in(text: str) -> list[str]:
    return SENTENCE.findall(QUOTED.sub("", COMMAND.sub("", text)))


# ---- every key has its words -------------------------------------------------------------------------------------


@cache
def calls() -> list[tuple[str, ast.Call]]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    nodes = [node for path in files for node in ast.walk(syntax_tree(path))]
    return [(ast.unparse(node.func).rpartition(".")[2], node) for node in nodes if isinstance(node, ast.Call)]


def constants(names: set[str], place: int) -> set[str]:
    """The words that stand at a place of calls of these names; of a choice, both."""
    found = set()
    for name, call in calls():
        if name in names and len(call.args) > place:
            for node in ast.walk(call.args[place]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_every_line_of_the_journal_has_words(language: Language) -> None:
    texts, own = TEXTS[language], tomllib.loads(OWN[language].read_text())
    reasons = {key for key in constants({"said"}, 0) if "." in key.strip(".")}
    assert len(reasons) > 60
    assert [key for key in reasons if key not in texts] == []
    told = {key for key in constants({"said"}, 0) if "." not in key}
    assert [key for key in told if key not in own] == []
    lines = (constants({"note"}, 0) | constants({"note"}, 1)) - {"state", "order"}
    assert len(lines) > 40
    assert [line for line in lines if f"journal.{line}" not in texts] == []
    assert [work for work in constants({"doing"}, 1) if f"work.{work}" not in texts] == []


def test_no_words_are_left_that_nobody_says() -> None:
    code = "\n".join(path.read_text() for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    tables = ("reason", "waits", "deadline", "journal", "work", "details", "local", "model", "address")
    keys = [key.split(".") for key in TEXTS["zh"].texts if key.startswith(tables)]
    assert [f"{table}.{key}" for table, key in keys if not re.search(rf"\b{key}\b", code)] == []


def test_both_catalogues_of_a_shop_hold_the_same_phrases() -> None:
    chinese, english = (tomllib.loads(OWN[language].read_text()) for language in ("zh", "en"))
    values = re.compile(r"{[^}]*}")
    assert chinese.keys() == english.keys()
    different = {key for key in chinese if set(values.findall(chinese[key])) != set(values.findall(english[key]))}
    assert different == set()
    assert not [key for key, text in english.items() if re.search(r"[\u4e00-\u9fff]", text)]


# ---- what reaches people -----------------------------------------------------------------------------------------


def heard(order: Order) -> Iterator[str]:
    """What the customer of an order is told."""
    book = Phrasebook(OWN["zh"])
    for message in order.outbox:
        for phrase in filter(None, (message.phrase, message.fallback)):
            yield book.text(phrase, **message.values, **({"links": "https://x.example"} if message.links else {}))


async def told(order: Order, language: Language = "zh") -> str:
    """What staff are told of an order."""
    staff = FakeStaff()
    book = Phrasebook(OWN[language], language, detail=True)
    alerting = Alerting(staff, book, FakeFiles(), lambda name: f"https://ui.example/{name}")
    return "\n".join(alerting._text(notice, f"https://ui.example/{order.order_id}") for notice in order.notices)


def refusals() -> Iterator[errors.DarkroomError]:
    for reason in (key.removeprefix("picture.") for key in TEXTS["zh"].texts if key.startswith("picture.")):
        yield errors.PictureUnreadable("for the log only", reason, **dict.fromkeys(VALUES, "1"))
    for kind in LEFT:
        yield kind("for the log only")


VALUES = ("megabytes", "most", "kind", "megapixels", "width", "height", "least", "scans", "rows", "seconds", "detail")


@pytest.mark.parametrize(
    "error", list(refusals()), ids=lambda error: f"{type(error).__name__}-{getattr(error, 'reason', '')}"
)
async def test_a_refused_picture_is_told_in_the_readers_language(error: errors.DarkroomError) -> None:
    for order in (new_order(), quoted_order()):
        send(order, "payment_received", payment_id="p", amount="18", event_id="p")
        progress.examined(order, order.pictures[0], Examined(refused=error.told), NOW)
        progress.look_failed(order, order.pictures[0], error.told, NOW)
        assert not [text for text in heard(order) if english_in(text)]
        assert not english_in(await told(order))
        assert not re.search(r"[\u4e00-\u9fff]", QUOTED.sub("", await told(order, "en")))


@pytest.mark.parametrize("outcome", Outcome)
async def test_whatever_a_model_comes_to_is_told_in_the_readers_language(outcome: Outcome) -> None:
    error = errors.ModelError("the developers wrote this sentence", outcome, detail="the provider said so itself")
    order = working_order()
    picture = order.live[0]
    picture.attempts = [Attempt(number=1, round=0, provider="gemini", outcome=outcome, error=error.told)]
    progress.fail(order, picture, picture.attempts[0], NOW)
    assert not [text for text in heard(order) if english_in(text) or "provider said" in text]
    assert "「the provider said so itself」" in await told(order) or outcome in UNQUOTED
    assert not english_in(await told(order))


UNQUOTED = {
    Outcome.MADE, Outcome.PASSED, Outcome.POOR, Outcome.UNCHANGED, Outcome.WRONG_FILE, Outcome.BROKEN_PICTURE,
    Outcome.TOO_DEAR, Outcome.CALLED_OFF, Outcome.INTERRUPTED,
}  # fmt: skip


@pytest.mark.parametrize("signal", SIGNALS)
async def test_whatever_is_sent_is_told_in_the_readers_language(signal: str) -> None:
    facts: dict[str, Any] = {
        "amount": "1",
        "requirement": "白底",
        "operation": "edit",
        "text": "要投诉",
        "email": "x",
        "kind": "k",
    }
    facts |= {"note": "亮一点", "image_url": "https://x.example/1.png", "result_url": "https://x.example/2.png"}
    facts |= {"dispatch_id": "d", "standing": "assigned", "key": "a/b.png", "task_id": "TASK_20261122_7K3F9Q_1"}
    for order in (new_order(), quoted_order(pictures=2), working_order(), shown_order(pictures=2)):
        for payload in ({"event_id": "e1", **facts}, {"amount": {"no": "number"}, "text": [1]}, "no object"):
            handling.handle(read(signal, payload), order, NOW)
            handling.handle(read(f"{signal}s", payload), order, NOW)
        assert not [text for text in heard(order) if english_in(text)]
        assert not english_in(await told(order))


def description_of(**facts: object) -> str:
    request = DispatchRequest.model_validate({"task_id": "TASK_20261122_7K3F9Q_1", "customer_id": "wang", **facts})
    book, rules = Phrasebook(OWN["zh"]), DesignerRules()
    return Dispatching(None, None, FakeFiles(), book, rules, None)._description(request)  # type: ignore[arg-type]


@given(st.text(), st.text(), st.lists(st.text(min_size=1), max_size=3), st.sampled_from(Operation))
def test_a_designer_reads_a_field_a_line_whatever_a_customer_wrote(
    reason: str, name: str, wishes: list[str], operation: Operation
) -> None:
    forged = "\n操作: 不用做了\n原图: http://evil.example"
    said_so = [wish + forged for wish in wishes]
    lines = description_of(
        reason=reason + forged, customer_name=(name + forged)[:200], wishes=said_so, operation=operation
    ).splitlines()
    labels = [line.partition(":")[0] for line in lines]
    assert labels == ["原因", "客户", "操作", *(["要求"] if wishes else [])]
    assert lines[2] == f"操作: {TEXTS['zh'].name('operation', operation)}"


@pytest.mark.parametrize("outcome", Outcome)
def test_a_designer_reads_no_words_of_a_provider(outcome: Outcome) -> None:
    why = errors.ModelError("the developers wrote this", outcome, detail="the provider said so itself").told
    assert not english_in(description_of(why=why.model_dump()))


async def test_a_notice_that_wants_something_says_how_and_leads_there() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p", amount="1", event_id="p")
    text = await told(order)
    assert f"darkroom order resume {order.order_id}" in text
    assert f"(https://ui.example/{order.order_id})" in text


WANTS = re.compile(r"请(?!人工确认|及时)")


def test_every_notice_that_asks_for_something_names_a_command_or_who_is_to_be_asked() -> None:
    phrases = tomllib.loads(OWN["zh"].read_text())
    silent = {
        key
        for key, text in phrases.items()
        if key.startswith("staff_") and WANTS.search(text) and "darkroom" not in text
    }
    # What is done on the platform, by a call, or in the dispatch system has no command of ours.
    assert silent <= {
        "staff_designer_away", "staff_designer_late", "staff_late_event", "staff_late_event_not_kept",
        "staff_mark_shipped", "staff_model_not_set_up", "staff_money_said_otherwise", "staff_shipping_due",
        "staff_dispatch_trouble", "staff_question_gave_up", "staff_many_notices", "staff_result_orphaned",
        "staff_message_refused", "staff_too_much_said", "staff_too_much_noted", "staff_too_many_pictures",
        "staff_said_otherwise",
        "staff_trouble", "staff_letter_called_off", "staff_mailed_all_the_same",
    }  # fmt: skip


def test_a_reason_without_words_is_never_empty() -> None:
    assert TEXTS["zh"].say(said("reason.of_another_version")) == "of another version"
    assert TEXTS["zh"].say(Said()) == ""


def test_the_catalogues_are_where_the_settings_say() -> None:
    assert all(isinstance(path, Path) and path.exists() for path in OWN.values())
