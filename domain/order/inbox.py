"""Raw payloads become messages, or recorded events where they do not parse; repeats are dropped, answers kept."""

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
SHOWN, SHOWN_NAME = 500, 100  # characters of what makes no message


class Parcel(BaseModel):
    """A payload as it came, not yet read; the sender of an update waits for an answer."""

    signal: str
    payload: Any
    received_at: datetime
    is_update: bool = False


class Unreadable(BaseModel):
    """A payload that makes no message, and why."""

    signal: str
    reason: str
    payload: str
    fault: Said = Field(default_factory=Said)  # the same for people, without the words of a library


class Received(BaseModel):
    """A message that was read, and how it came."""

    message: Message | Unreadable
    event: str  # names it among all that came to an order
    received_at: datetime
    is_update: bool
    is_otherwise: bool = False  # the same id said something else before


class Inbox(BaseModel):
    """What was sent to an order and not read yet. Putting never fails; reading never raises."""

    waiting: list[Parcel] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)  # digests of what was heard: a sender's names may be long
    said: list[str] = Field(default_factory=list)  # digests of what counts in them, beside their names
    answers: dict[str, Answer] = Field(default_factory=dict)  # to updates, by their event: a repeat hears the same
    count: int = 0
    row: Row = Field(default_factory=Row)  # the customer's last words, while more may come

    def put(
        self, signal: str, payload: Any, extra: tuple[Any, ...], received_at: datetime, *, is_update: bool = False
    ) -> None:
        """Take whatever was sent."""
        self.waiting.append(
            Parcel(signal=signal, payload=whole(payload, extra), received_at=received_at, is_update=is_update)
        )

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def take(self) -> Received | None:
        """Read the next message that is no repeat; None when nothing waits."""
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
        """Keep what an update was answered, for its repeats."""
        self.answers[ids.digest(event)] = answer
        while len(self.answers) > KEPT_ANSWERS or (
            len(self.answers) > 1 and budgets.size(self.answers) > budgets.ANSWERS
        ):
            del self.answers[next(iter(self.answers))]

    def answer_to(self, event: str) -> Answer | None:
        """Return what came of an event; None while it was not heard, or so long ago that it is forgotten."""
        if self.row.waits(event):
            return None
        kept = self.answers.get(ids.digest(event)) or self.answers.get(event)
        return kept or (Answer() if self._is_seen(event) else None)

    def _is_new(self, event: str, message: Message | Unreadable) -> bool:
        """Whether it was not heard before, or says something else now where that counts."""
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
        """Whether an event was heard; earlier versions kept names whole."""
        return ids.digest(event) in self.seen or event in self.seen


def whole(payload: Any, extra: tuple[Any, ...]) -> Any:
    """Return what was sent as one value: several payloads are a list, which is no message."""
    return [payload, *extra] if extra else payload


def event_of(signal: str, message: Message | Unreadable) -> str:
    """Return the name of an event among all that came to an order; nothing where its sender gave it none."""
    return "" if isinstance(message, Unreadable) or not message.event_id else f"{signal}:{message.event_id}"


def read(signal: str, payload: Any) -> Message | Unreadable:
    """Make a message of a payload, or say why it is none."""
    kind = SIGNALS.get(signal)
    if kind is None:
        known = ", ".join(SIGNALS)
        return _unreadable(
            signal,
            payload,
            f"no signal is called {signal[:SHOWN_NAME]!r}; there are {known}",
            said("unreadable.unknown_signal"),
        )
    if not isinstance(payload, dict):
        return _unreadable(signal, payload, "the payload is not one JSON object", said("unreadable.not_an_object"))
    try:
        return kind.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "payload"
        return _unreadable(signal, payload, f"{field}: {first['msg']}", said("unreadable.field", field=field))


def _unreadable(signal: str, payload: Any, reason: str, fault: Said) -> Unreadable:
    return Unreadable(signal=signal[:SHOWN_NAME], reason=reason[:SHOWN], payload=repr(payload)[:SHOWN], fault=fault)
