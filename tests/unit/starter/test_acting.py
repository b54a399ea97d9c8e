"""The actions of staff as events: each is understood whole, or refused before it reaches an order."""

from typing import Any

import pytest

from domain.order.inbox import Unreadable, read
from domain.order.staff_acts import Action, parsed
from domain.texts.catalogue import LANGUAGES, TEXTS, Language
from domain.vocabulary.errors import MalformedRequest
from starter import acting

FIELDS = {
    "task_id": "ORDER_20261122_7K3F9Q_1", "amount": "18.00", "payment_id": "p1", "refund_id": "r1",
    "email": "wang@example.com", "requirement": "背景再白一点", "result_url": "https://shop.example/done.png",
}  # fmt: skip


def made(action: Action, **changes: str) -> Any:
    return acting.act(action, "act-1", seen_version=7, by="小王", reason="客户来电", **{**FIELDS, **changes})


@pytest.mark.parametrize("action", Action)
def test_each_action_is_events_that_its_order_understands(action: Action) -> None:
    act = made(action)
    assert (act.action, act.seen_version, act.by, act.reason) == (action, 7, "小王", "客户来电")
    for number, event in enumerate(act.events, 1):
        message = read(event.signal, event.payload)
        assert not isinstance(message, Unreadable)
        assert message.event_id == f"act-1-{number}"
        assert getattr(message, "requested_by", "staff") == "staff"
        assert getattr(message, "changed_by", "staff") == "staff"


def test_a_retry_takes_its_wish_along() -> None:
    assert [event.signal for event in made(Action.RETRY).events] == ["requirement_added", "processing_resumed"]
    assert [event.signal for event in made(Action.RETRY, requirement=" ").events] == ["processing_resumed"]


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        (Action.FIX_PRICE, "amount", "二十左右"),
        (Action.FIX_PRICE, "amount", ""),
        (Action.FIX_PRICE, "amount", "-3"),
        (Action.CHANGE_ADDRESS, "email", "wang@"),
        (Action.CHANGE_ADDRESS, "email", ""),
        (Action.SUBMIT_RESULT, "result_url", "file:///etc/passwd"),
    ],
)
def test_a_value_that_is_not_understood_is_refused(action: Action, field: str, value: str) -> None:
    with pytest.raises(MalformedRequest):
        made(action, **{field: value})


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "resume",
        {},
        {"action": "resume", "events": [], "seen_version": 1, "by": "小王"},
        {"action": "dance", "events": [{"signal": "processing_resumed", "payload": {"event_id": "e"}}]},
        {
            "action": "resume", "seen_version": 1, "by": "小王",
            "events": [{"signal": "processing_resumed", "payload": {}}],
        },
        {
            "action": "resume", "seen_version": 1, "by": "小王",
            "events": [{"signal": "no_such_signal", "payload": {"event_id": "e"}}],
        },
        {
            "action": "resume", "seen_version": 1, "by": "",
            "events": [{"signal": "processing_resumed", "payload": {"event_id": "e"}}],
        },
        {
            "action": "resume", "seen_version": 1, "by": "小王",
            "events": [{"signal": "processing_resumed", "payload": {"event_id": f"e{n}"}} for n in range(4)],
        },
    ],
)  # fmt: skip
def test_a_payload_that_is_no_action_is_refused(payload: Any) -> None:
    with pytest.raises(MalformedRequest):
        parsed(payload)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_action_has_a_name(language: Language) -> None:
    assert [action for action in Action if f"action.{action}" not in TEXTS[language].texts] == []
