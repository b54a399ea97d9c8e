"""Raw signal payloads become messages, or recorded events where they do not parse; repeats are dropped."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from domain.messages import SIGNALS, Message

KEPT_IDS = 1000


class Parcel(BaseModel):
    """A payload as it came, not yet read."""

    signal: str
    payload: Any
    received_at: datetime


class Unreadable(BaseModel):
    """A payload that makes no message, and why."""

    signal: str
    reason: str
    payload: str


class Inbox(BaseModel):
    """What was sent to an order and not read yet. Putting never fails; reading never raises."""

    waiting: list[Parcel] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)
    count: int = 0

    def put(self, signal: str, payload: Any, extra: tuple[Any, ...], received_at: datetime) -> None:
        """Take whatever was sent."""
        whole = [payload, *extra] if extra else payload
        self.waiting.append(Parcel(signal=signal, payload=whole, received_at=received_at))

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def take(self) -> tuple[Message | Unreadable, datetime] | None:
        """Read the next message that is no repeat; None when nothing waits."""
        while self.waiting:
            parcel = self.waiting.pop(0)
            self.count += 1
            message = _read(parcel)
            if isinstance(message, Unreadable):
                return message, parcel.received_at
            if not message.event_id:
                message.event_id = f"unnamed-{self.count}"
            if self._is_new(f"{parcel.signal}:{message.event_id}"):
                return message, parcel.received_at
        return None

    def _is_new(self, event: str) -> bool:
        if event in self.seen:
            return False
        self.seen = [*self.seen[-KEPT_IDS + 1 :], event]
        return True


def _read(parcel: Parcel) -> Message | Unreadable:
    kind = SIGNALS.get(parcel.signal)
    if kind is None:
        return _unreadable(parcel, f"no signal is called {parcel.signal!r}; there are {', '.join(SIGNALS)}")
    if not isinstance(parcel.payload, dict):
        return _unreadable(parcel, "the payload is not one JSON object")
    try:
        return kind.model_validate(parcel.payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return _unreadable(parcel, f"{'.'.join(map(str, first['loc'])) or 'payload'}: {first['msg']}")


def _unreadable(parcel: Parcel, reason: str) -> Unreadable:
    return Unreadable(signal=parcel.signal, reason=reason, payload=repr(parcel.payload)[:500])
