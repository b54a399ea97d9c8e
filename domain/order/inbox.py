"""The inbox of an order: parses payloads into messages, records invalid ones, drops repeats and keeps answers."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from domain.bounds import budgets
from domain.order.message_rows import Row
from domain.order.messages import SIGNALS, Answer, Message, MoneyMoved
from domain.texts.phrase import Said, said
from domain.vocabulary import ids

KEPT_IDS = 1000
KEPT_ANSWERS = 100
SHOWN, SHOWN_NAME = 500, 100  # characters of an invalid message


class Parcel(BaseModel):
    """A payload as received, not parsed yet; the sender of an update waits for an answer."""

    signal: str
    payload: Any
    received_at: datetime
    is_update: bool = False


class Unreadable(BaseModel):
    """An invalid payload, and why it is invalid."""

    signal: str
    reason: str
    payload: str
    fault: Said = Field(default_factory=Said)  # the reason for people, without a library's wording


class Received(BaseModel):
    """A parsed message, and how it arrived."""

    message: Message | Unreadable
    event: str  # its unique name among all events of the order
    received_at: datetime
    is_update: bool
    is_otherwise: bool = False  # the same id had different content before


class Inbox(BaseModel):
    """Messages sent to an order and not read yet. `put` never fails and `take` never raises."""

    waiting: list[Parcel] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)  # digests of the events received: a sender's ids may be long
    said: list[str] = Field(default_factory=list)  # digests of their ids with their `weight`
    answers: dict[str, Answer] = Field(default_factory=dict)  # to updates, by event: a repeat gets the same answer
    count: int = 0
    row: Row = Field(default_factory=Row)  # the customer's last messages, while more may follow

    def put(
        self, signal: str, payload: Any, extra: tuple[Any, ...], received_at: datetime, *, is_update: bool = False
    ) -> None:
        """Add a payload. Never fails."""
        self.waiting.append(
            Parcel(signal=signal, payload=whole(payload, extra), received_at=received_at, is_update=is_update)
        )

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def take(self) -> Received | None:
        """Return the next message that is not a repeat; None when the inbox is empty."""
        while self.waiting:
            parcel = self.waiting.pop(0)
            self.count += 1
            message = read(parcel.signal, parcel.payload)
            if not isinstance(message, Unreadable) and not message.event_id:
                message.event_id = f"unnamed-{self.count}"
            event = event_of(parcel.signal, message) or f"unreadable-{self.count}"
            was_heard = self._is_seen(event)
            if self._is_new(event, message):
                return Received(
                    message=message,
                    event=event,
                    received_at=parcel.received_at,
                    is_update=parcel.is_update,
                    is_otherwise=was_heard and not isinstance(message, MoneyMoved),
                )
        return None

    def keep_answer(self, event: str, answer: Answer) -> None:
        """Keep the answer to an update for repeats of it."""
        self.answers[ids.digest(event)] = answer
        while len(self.answers) > KEPT_ANSWERS or (
            len(self.answers) > 1 and budgets.size(self.answers) > budgets.ANSWERS
        ):
            del self.answers[next(iter(self.answers))]

    def answer_to(self, event: str) -> Answer | None:
        """Return the answer to an event; None if it is still pending, unknown, or too old to be remembered."""
        if self.row.waits(event):
            return None
        kept = self.answers.get(ids.digest(event)) or self.answers.get(event)
        return kept or (Answer() if self._is_seen(event) else None)

    def _is_new(self, event: str, message: Message | Unreadable) -> bool:
        """Whether an event was not received before, or now differs in what counts (its `weight`)."""
        weight = "" if isinstance(message, Unreadable) else message.weight
        said = ids.digest(f"{event} {weight}") if weight else ""
        is_heard = self._is_seen(event)
        if is_heard and (not said or said in self.said):
            return False
        if not is_heard:
            self.seen = [*self.seen, ids.digest(event)][-KEPT_IDS:]
        self.said = [*self.said, said][-KEPT_IDS:] if said else self.said
        return True

    def _is_seen(self, event: str) -> bool:
        """Whether an event was received before; earlier versions kept undigested ids."""
        return ids.digest(event) in self.seen or event in self.seen


def whole(payload: Any, extra: tuple[Any, ...]) -> Any:
    """Return the payloads as one value; several become a list, which is an invalid message."""
    return [payload, *extra] if extra else payload


def event_of(signal: str, message: Message | Unreadable) -> str:
    """Return the unique name of an event; empty if its sender gave it no id."""
    return "" if isinstance(message, Unreadable) or not message.event_id else f"{signal}:{message.event_id}"


def read(signal: str, payload: Any) -> Message | Unreadable:
    """Parse a payload into a message, or return why it is invalid."""
    kind = SIGNALS.get(signal)
    if kind is None:
        known = ", ".join(SIGNALS)
        return _unreadable(
            signal,
            payload,
            f"unknown signal {signal[:SHOWN_NAME]!r} (known: {known})",
            said("unreadable.unknown_signal"),
        )
    if not isinstance(payload, dict):
        return _unreadable(signal, payload, "the payload is not a single JSON object", said("unreadable.not_an_object"))
    try:
        return kind.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "payload"
        return _unreadable(signal, payload, f"{field}: {first['msg']}", said("unreadable.field", field=field))


def _unreadable(signal: str, payload: Any, reason: str, fault: Said) -> Unreadable:
    return Unreadable(signal=signal[:SHOWN_NAME], reason=reason[:SHOWN], payload=repr(payload)[:SHOWN], fault=fault)
