"""Request and response models shared by several routes."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, Field

from domain.bounds.limits import readable_id
from domain.order.messages import SIGNALS, UPDATES, Answer, OrderRequest
from domain.ports import Phrases
from domain.texts.phrase import Said
from domain.vocabulary import ids

EXAMPLE = "ORDER_20261122_7K3F9Q"
# Signals that callers may send. The others come from the gateway itself (link_opened) and from dispatches.
EVENTS = {name: kind for name, kind in SIGNALS.items() if name not in {"link_opened", "dispatch_changed"}}


Printable = AfterValidator(readable_id)
OrderId = Annotated[str, Path(pattern=ids.ORDER_ID_PATTERN, examples=[EXAMPLE], description="Order id.")]
CustomerId = Annotated[
    str,
    Path(min_length=1, max_length=255, examples=["wang"], description="Customer id of the platform."),
    Printable,
]
ShopId = Annotated[
    str | None,
    Query(max_length=255, description="Only orders of this shop account.", examples=["shop-1"]),
    AfterValidator(lambda shop: shop and readable_id(shop)),
]


class FirstEvent(BaseModel):
    """An event that is sent together with the start of an order."""

    type: Literal[*EVENTS, *UPDATES] = Field(  # type: ignore[valid-type] # names from tables
        description="Name of a signal or an update; an update is answered."
    )
    payload: dict[str, Any] = Field(default_factory=dict, description="Fields of the event, see docs/contract.md.")


class NewOrder(OrderRequest):
    """A request to start an order."""

    event: FirstEvent | None = Field(default=None, description="First event, sent together with the start.")


class Heard(BaseModel):
    """The outcome of an event."""

    order_id: str = Field(description="Order that the event was sent to.", examples=[EXAMPLE])
    event_id: str = Field(description="Event id of the sender, or a generated one.", examples=["msg-102"])
    outcome: Literal["heard", "kept"] = Field(
        description="heard: delivered to the order. kept: no such order is open; recorded, and staff are notified."
    )


class Reason(BaseModel):
    """The reason for a refusal."""

    phrase: str = Field(description="Key in phrases.toml.", examples=["change_after_payment"])
    text: str = Field(description="Text that may be shown to the customer.")


class Answered(Heard):
    """The outcome of an update."""

    accepted: bool = Field(description="Whether it was done; false if it was only kept.")
    reason: Reason | None = Field(default=None, description="Reason, if it was not.")
    reply: str | None = Field(
        default=None,
        description="Text for the bot to say now; not sent as a message. null: the bot phrases its own answer.",
    )
    is_sent: bool = Field(
        default=False,
        description="No reply is needed: links are sent as a message, or the answer to a later message covers it.",
    )
    act: str | None = Field(
        default=None,
        description="What followed from a customer's words: `mail`, `accept`, `round`, `ask_back`, `ask_what`, `note`, "
        "`tell_staff` or `nothing`. After `nothing` the bot may send the exact event, such as `revision_requested`.",
        examples=["nothing"],
    )


def answered(order_id: str, event_id: str, answer: Answer, phrases: Phrases) -> Answered:
    """Return an answer with its texts. Raises OutsideUnavailable if the catalogue lacks a phrase."""
    reason = answer.reason and Reason(phrase=answer.reason.phrase, text=_words(answer.reason, phrases))
    reply = "\n".join(_words(said, phrases) for said in answer.reply)
    return Answered(
        order_id=order_id,
        event_id=event_id,
        outcome="heard",
        accepted=answer.accepted,
        reason=reason,
        reply=reply or None,
        is_sent=answer.is_sent,
        act=answer.act or None,
    )


def kept(order_id: str, event_id: str) -> Answered:
    """Return the outcome of an update that no open order could receive."""
    return Answered(order_id=order_id, event_id=event_id, outcome="kept", accepted=False)


def _words(said: Said, phrases: Phrases) -> str:
    return phrases.text(said.phrase, **said.values)
