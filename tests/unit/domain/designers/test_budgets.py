"""No flood makes a dispatch, an answer of a search or a late event grow beyond its budget of bytes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attempts.work import LateEvent
from domain.bounds import budgets
from domain.designers import assignment
from domain.designers.dispatch import Assigned, DispatchState, Opened
from domain.vocabulary.rules import DesignerRules
from tests.unit.domain.making import NOW

QUESTION = {"task_id": "TASK_20261122_7K3F9Q_1", "customer_id": "c1", "reason": "能做吗"}
OF_ORDER = QUESTION | {"order_id": "ORDER_20261122_7K3F9Q"}
LONG = "长" * 2000


def at_work(request: dict[str, Any]) -> DispatchState:
    state = assignment.open_dispatch("dispatch-TASK_20261122_7K3F9Q_1", request, NOW)
    assignment.on_opened(state, Opened(rules=DesignerRules(), dispatch_task_id="T1"), NOW)
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW)
    return state


def result(number: int) -> tuple[str, dict[str, Any]]:
    url = f"https://designer.example/{number}/{'x' * 1900}"
    return "designer_finished", {"event_id": f"{number}-{'长' * 240}", "result_url": url, "notes": LONG}


def wanted(number: int) -> tuple[str, dict[str, Any]]:
    return "picture_changed", {"standing": "wanted", "round": number, "asked": number, "wish": LONG}


MESSAGES = st.one_of(
    st.integers(0, 999).map(result),
    st.integers(0, 999).map(wanted),
    st.just(("designer_finished", {"notes": LONG})),
    st.just(("cancel_requested", {"requested_by": "customer", "reason": LONG})),
    st.just(("picture_changed", {"standing": "shown", "results": 1})),
    st.just(("designer_finished", {"notes": {}})),
)


@given(messages=st.lists(MESSAGES, max_size=60), request=st.sampled_from([QUESTION, OF_ORDER]))
def test_no_flood_passes_the_ceiling_of_a_dispatch(messages: list[tuple[str, Any]], request: dict[str, Any]) -> None:
    state = at_work(request | {"reason": LONG, "wishes": [LONG]})
    for signal, payload in messages:
        assignment.handle_signal(state, signal, payload, NOW)
        assert budgets.size(state) <= budgets.PAYLOAD
        assert assignment.next_step(state)


@pytest.mark.parametrize("request_", [QUESTION, OF_ORDER])
def test_what_finds_no_room_is_left_to_staff_and_the_first_results_stay(request_: dict[str, Any]) -> None:
    state = at_work(request_)
    state.notices = []
    for number in range(300):
        assignment.handle_signal(state, *result(number), NOW)
    kept = [*state.results, *state.for_order]
    assert 0 < budgets.sizes(kept) <= max(budgets.OFFERED, budgets.FOR_ORDER) + budgets.MARGIN
    assert {notice.phrase for notice in state.notices} == {"staff_result_orphaned", "staff_many_notices"}


def test_designers_who_had_it_are_remembered_as_far_as_there_is_room() -> None:
    state = at_work(OF_ORDER)
    for number in range(200):
        assignment.on_assigned(state, Assigned(designer=f"{number}{'设' * 100}"), NOW)
        state.notices, state.for_order = [], []
    assert budgets.sizes(state.had_it) <= budgets.HAD_IT
    assert state.had_it[-1].startswith("198"), "the last one first of all"


def test_of_a_long_row_of_standings_an_order_hears_the_last() -> None:
    state = at_work(OF_ORDER)
    for number in range(300):
        assignment.on_assigned(state, Assigned(designer=f"designer {number}"), NOW)
    assert budgets.sizes(state.for_order) <= budgets.FOR_ORDER
    assert state.for_order[-1].payload["designer"] == "designer 299"


@given(
    st.dictionaries(
        st.text(max_size=200),
        st.one_of(st.integers(), st.text(max_size=20).map(lambda text: text * 5000), st.lists(st.text(max_size=9))),
    )
)
def test_a_late_event_keeps_what_there_is_room_for(payload: dict[str, Any]) -> None:
    kept = LateEvent(order_id="o", signal="payment_received", payload={"amount": "18", **payload}).payload
    assert budgets.size(kept) <= budgets.LATE_EVENT + budgets.MARGIN
    assert "amount" in kept
    if budgets.size(payload) + budgets.MARGIN <= budgets.LATE_EVENT:
        assert kept == {"amount": "18", **payload}


def test_a_late_event_of_many_fields_says_how_many_are_left_out() -> None:
    payload = {"amount": "18", "paid": True, **{f"field {number}": LONG * 10 for number in range(100)}}
    kept = LateEvent(order_id="o", signal="payment_received", payload=payload).payload
    assert (kept["amount"], kept["paid"], kept["left_out"]) == ("18", True, 102 - (len(kept) - 1))
    assert LateEvent.model_validate(LateEvent(order_id="o", signal="s", payload=kept)).payload == kept
