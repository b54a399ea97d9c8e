from datetime import timedelta
from typing import Any

import pytest

from domain.bounds.limits import LONGEST_WORDS
from domain.order.inbox import KEPT_IDS, Inbox, Unreadable
from domain.order.messages import SIGNALS, CustomerMessage, ImageReceived, PaymentReceived
from tests.unit.domain.making import NOW

GARBAGE: list[Any] = [
    None,
    0,
    1.5,
    True,
    "words",
    b"\xff\x00",
    [],
    [{"event_id": "e"}],
    {"event_id": {"nested": 1}},
    {"event_id": "x" * 300},
    {"amount": "abc"},
    {"amount": "-1"},
    {"amount": "NaN"},
    {"amount": "1e400000"},
    {"paid_at": "yesterday"},
    {"operation": "fly"},
    {"complexity": "very"},
    {"email": None},
    {"text": "\ud800"},
    {"text": ["a"], "note": {}, "email": 5.0},
    object(),
]


def put(inbox: Inbox, signal: str, payload: Any = None, *extra: Any) -> Any:
    inbox.put(signal, payload, extra, NOW)
    taken = inbox.take()
    return taken and taken.message


@pytest.mark.parametrize("signal", [*SIGNALS, "nonsense", ""])
@pytest.mark.parametrize("payload", GARBAGE, ids=lambda value: type(value).__name__)
def test_garbage_never_raises_and_is_kept(signal: str, payload: Any) -> None:
    inbox = Inbox()
    first = put(inbox, signal, payload)
    second = put(inbox, signal, payload, payload)
    assert first is not None
    assert isinstance(second, Unreadable)
    assert inbox.model_dump_json()


@pytest.mark.parametrize(
    ("signal", "payload", "reason"),
    [
        ("nonsense", {}, "unknown signal 'nonsense'"),
        ("customer_message", "hello", "the payload is not a single JSON object"),
        ("quote_set", {"amount": "-1"}, "amount: Value error, -1 is not an amount"),
        ("email_provided", {}, "email: Field required"),
    ],
)
def test_what_does_not_parse_says_why(signal: str, payload: Any, reason: str) -> None:
    assert put(Inbox(), signal, payload).reason.startswith(reason)


def test_a_long_unreadable_payload_is_kept_in_part() -> None:
    assert len(put(Inbox(), "customer_message", "x" * 10_000).payload) == 500


def test_a_repeated_event_is_dropped() -> None:
    inbox = Inbox()
    assert put(inbox, "customer_message", {"event_id": "e1", "text": "a"})
    assert put(inbox, "customer_message", {"event_id": "e1", "text": "a"}) is None


def test_the_same_id_on_another_signal_is_another_event() -> None:
    inbox = Inbox()
    assert put(inbox, "customer_message", {"event_id": "e1"})
    assert put(inbox, "payment_received", {"event_id": "e1"})


def test_events_without_an_id_are_each_their_own() -> None:
    inbox = Inbox()
    first, second = put(inbox, "customer_message", {}), put(inbox, "customer_message", {})
    assert first.event_id != second.event_id


def test_events_are_taken_in_the_order_and_with_the_time_they_came() -> None:
    inbox = Inbox()
    for second in range(3):
        inbox.put("customer_message", {"text": str(second)}, (), NOW + timedelta(seconds=second))
    taken = [taken for _ in range(3) if (taken := inbox.take())]
    heard = [(one.message.text, one.received_at) for one in taken]
    assert heard == [(str(s), NOW + timedelta(seconds=s)) for s in range(3)]
    assert not inbox


def test_remembered_ids_are_bounded() -> None:
    inbox = Inbox()
    for number in range(KEPT_IDS + 5):
        put(inbox, "customer_message", {"event_id": str(number)})
    assert len(inbox.seen) == KEPT_IDS
    assert put(inbox, "customer_message", {"event_id": str(KEPT_IDS + 4)}) is None


def test_unknown_fields_are_ignored_and_null_is_absent() -> None:
    heard = put(Inbox(), "image_received", {"image_url": "https://a.example/1.jpg", "note": None, "colour": "red"})
    assert heard == ImageReceived(event_id=heard.event_id, image_url="https://a.example/1.jpg")


def test_numbers_are_taken_where_words_are_expected() -> None:
    heard = put(Inbox(), "payment_received", {"event_id": 7, "payment_id": 12345, "amount": 25.1})
    assert isinstance(heard, PaymentReceived)
    assert (heard.event_id, heard.payment_id, str(heard.amount)) == ("7", "12345", "25.10")


def test_words_longer_than_a_chat_message_are_cut() -> None:
    heard = put(Inbox(), "customer_message", {"text": "x" * 100_000})
    assert isinstance(heard, CustomerMessage)
    assert len(heard.text) == LONGEST_WORDS
