"""What staff do with an order that they see on the board, as one update of its workflow."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field, ValidationError, field_validator

from domain.bounds.limits import Line, Name
from domain.order.inbox import Unreadable, read
from domain.order.order import Order
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.pictures import Lenient

MOST_EVENTS = 3


class Action(StrEnum):
    """What a staff member may do with an order."""

    MARK_PAID = "mark_paid"
    RESUME = "resume"
    ACCEPT_RISK = "accept_risk"
    DECLINE_RISK = "decline_risk"
    FIX_PRICE = "fix_price"
    RECORD_REFUND = "record_refund"
    TRANSFER = "transfer"
    TAKE_BACK = "take_back"
    RETRY = "retry"
    SUBMIT_RESULT = "submit_result"
    CHANGE_ADDRESS = "change_address"
    RESEND = "resend"
    CANCEL = "cancel"


class ActEvent(BaseModel):
    """One event that an action consists of: a signal of the order, and its payload with an `event_id`."""

    signal: str
    payload: dict[str, Any]

    @field_validator("payload")
    @classmethod
    def _names_the_event(cls, payload: dict[str, Any]) -> dict[str, Any]:
        if not payload.get("event_id"):
            raise ValueError("an event needs an event_id")
        return payload


class StaffAct(Lenient):
    """An action of a staff member, and the version of the order that they saw when they decided on it."""

    action: Action
    events: list[ActEvent] = Field(min_length=1, max_length=MOST_EVENTS)
    seen_version: int = Field(ge=0)
    by: Name = Field(min_length=1, description="Who acts.")
    reason: Line = ""


def parsed(payload: Any) -> StaffAct:
    """Return the action in a payload. Raises MalformedRequest unless it and each of its events are understood."""
    try:
        act = StaffAct.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise MalformedRequest(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    for event in act.events:
        message = read(event.signal, event.payload)
        if isinstance(message, Unreadable):
            raise MalformedRequest(message.reason)
    return act


def has_moved_on(order: Order, seen_version: int) -> bool:
    """Whether something happened to the order since this version of it was written to the rows."""
    written = max(order.reported, order.broken_report)  # a report that was given up never reaches the rows
    return order.version != seen_version or any(line.serial > written for line in order.journal)
