"""What callers send and are answered beside the messages of an order."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, Field

from domain.bounds.limits import readable_id
from domain.order.messages import SIGNALS, UPDATES, Answer, OrderRequest
from domain.ports import Phrases
from domain.texts.phrase import Said
from domain.vocabulary import ids

EXAMPLE = "ORDER_20261122_7K3F9Q"
# Signals that others send. That a link was opened, the gateway knows itself; a dispatch speaks to its order.
EVENTS = {name: kind for name, kind in SIGNALS.items() if name not in {"link_opened", "dispatch_changed"}}


Printable = AfterValidator(readable_id)
OrderId = Annotated[str, Path(pattern=ids.ORDER_ID_PATTERN, examples=[EXAMPLE], description="The order.")]
CustomerId = Annotated[
    str,
    Path(min_length=1, max_length=255, examples=["wang"], description="The platform's id of the customer."),
    Printable,
]
ShopId = Annotated[
    str | None,
    Query(max_length=255, description="Only orders of this shop account.", examples=["shop-1"]),
    AfterValidator(lambda shop: shop and readable_id(shop)),
]


class FirstEvent(BaseModel):
    """An event that happens with the start of an order, in one call."""

    type: Literal[*EVENTS, *UPDATES] = Field(  # type: ignore[valid-type] # names that stand in tables
        description="Name of a signal, or of an update: that one is answered."
    )
    payload: dict[str, Any] = Field(default_factory=dict, description="Its fields, see docs/contract.md.")


class NewOrder(OrderRequest):
    """What starts an order."""

    event: FirstEvent | None = Field(default=None, description="What happens with its start.")


class Heard(BaseModel):
    """What became of an event."""

    order_id: str = Field(description="The order that it went to.", examples=[EXAMPLE])
    event_id: str = Field(description="The sender's, or one that was made up.", examples=["msg-102"])
    outcome: Literal["heard", "kept"] = Field(
        description="heard: the order has it. kept: no open order is called so; it is on record, and staff are told."
    )


class Reason(BaseModel):
    """Why something was refused."""

    phrase: str = Field(description="Its key in phrases.toml.", examples=["change_after_payment"])
    text: str = Field(description="In words that the customer may read.")


class Answered(Heard):
    """What an update is answered."""

    accepted: bool = Field(description="Whether it was done. What was only kept is not.")
    reason: Reason | None = Field(default=None, description="Why not.")
    reply: str | None = Field(
        default=None, description="What the bot is to say now; null: it answers by itself. It is not sent as a message."
    )
    is_sent: bool = Field(
        default=False,
        description="Nobody needs to answer: links go out as a message, or the next words are answered.",
    )
    act: str | None = Field(
        default=None,
        description="What followed from a customer's words: `mail`, `accept`, `round`, `ask_back`, `ask_what`, `note`, "
        "`tell_staff` or `nothing`. After `nothing` the bot may send the exact event, such as `revision_requested`.",
        examples=["nothing"],
    )


def answered(order_id: str, event_id: str, answer: Answer, phrases: Phrases) -> Answered:
    """Return an answer in words. Raises OutsideUnavailable where the catalogue lacks a phrase."""
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
    """Return what an update is answered that no open order could hear."""
    return Answered(order_id=order_id, event_id=event_id, outcome="kept", accepted=False)


def _words(said: Said, phrases: Phrases) -> str:
    return phrases.text(said.phrase, **said.values)
