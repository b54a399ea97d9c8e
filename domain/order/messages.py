"""Every signal, and every input and output of workflows and activities; one model in, one model out."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from domain.bounds.limits import (
    EARLIEST,
    LARGEST_AMOUNT,
    LATEST,
    LONGEST_VALUE,
    MOST_PICTURES,
    TOO_MANY_PICTURES,
    Address,
    Id,
    Line,
    Link,
    Name,
    Words,
)
from domain.texts.phrase import Said, said
from domain.vocabulary import amounts, ids
from domain.vocabulary.ids import StorageKey, UploadKey
from domain.vocabulary.pictures import Analysis, Lenient, Operation
from domain.vocabulary.status import Status
from domain.vocabulary.validation import InvalidValue

# ---- the start of an order -------------------------------------------------------------------------------------------


class RequestedPicture(Lenient):
    """A picture an order starts with: by its address, or by the key under which it was uploaded."""

    image_url: Link | None = Field(default=None, description="Where it is fetched from: http or https, public.")
    image_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    operation: Operation | None = Field(default=None, description="What is to be done; else it is read from the note.")
    note: Words = Field(default="", description="The customer's words about it.")
    analysis: Analysis | None = Field(default=None, description="The bot's own; without one the picture is looked at.")


class OrderRequest(Lenient):
    """What starts an order."""

    customer_id: Id = Field(min_length=1, description="The platform's id of the customer.")
    customer_name: Name = Field(default="", description="How letters address them.")
    acc_id: Id = Field(default="", description="Shop account that the customer talks to.")
    acc_type: Name = Field(default="AliWorkbench", description="Platform of the shop.")
    owner: Name | None = Field(default=None, description="User whose task history the order belongs to.")
    pictures: list[RequestedPicture] = Field(
        default_factory=list, max_length=MOST_PICTURES, description="May come later, each by its signal."
    )
    email: Address | None = Field(default=None, description="The customer's address, where it is known.")

    @field_validator("pictures", mode="before")
    @classmethod
    def _one_order_holds_them(cls, pictures: Any) -> Any:
        if isinstance(pictures, list) and len(pictures) > MOST_PICTURES:
            message = f"an order takes {MOST_PICTURES} pictures at most; begin another one for the rest"
            raise InvalidValue(message, said(TOO_MANY_PICTURES, most=MOST_PICTURES))
        return pictures


class OrderOutcome(Lenient):
    """How an order ended."""

    order_id: str
    status: Status
    amount_paid: Decimal
    pictures: dict[str, Status]


# ---- signals, and the updates that are answered ----------------------------------------------------------------------

Price = Annotated[
    Decimal, Field(ge=0, le=LARGEST_AMOUNT, max_digits=10, decimal_places=2), BeforeValidator(amounts.certain)
]
# What cannot be read stays in its words: amounts.read has seen to it that nothing else is left.
Unread = Annotated[str, Field(max_length=LONGEST_VALUE + 1)]
Amount = Annotated[Decimal, Field(ge=0, le=LARGEST_AMOUNT, max_digits=10, decimal_places=2)] | Unread
Moment = Annotated[datetime, Field(ge=EARLIEST, lt=LATEST)] | Unread
Stripped = Annotated[Words, AfterValidator(str.strip)]
Wanted = Annotated[Stripped, Field(min_length=1)]
# Whoever is not staff speaks for the customer: the bot does.
Who = Annotated[
    Literal["customer", "staff"],
    BeforeValidator(lambda who: "staff" if str(who).strip().lower() in {"staff", "员工", "客服"} else "customer"),
]


class Event(Lenient):
    """Something that happened to an order."""

    WEIGHTY: ClassVar[tuple[str, ...]] = ()  # what moves money or picks an address: the same id may not say otherwise

    event_id: Name = Field(default="", description="Chosen by the sender; the same one again changes nothing.")

    @property
    def weight(self) -> str:
        """What counts in it, in one line; nothing where the same id may say what it likes."""
        return ", ".join(str(value) for name in self.WEIGHTY if (value := getattr(self, name)) is not None)

    @property
    def identity(self) -> str:
        """By what it is known again; nothing where its sender gave it no id."""
        return self.event_id


class OfOnePicture(Event):
    """Something about one picture."""

    task_id: Name | None = Field(default=None, description="Which picture; needless where an order has one.")


class ImageReceived(Event):
    """The customer sent a picture."""

    image_url: Link | None = Field(default=None, description="Where it is fetched from: http or https, public.")
    image_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    note: Words = Field(default="", description="The customer's words about it.")
    operation: Operation | None = Field(default=None, description="What is to be done; else it is read from the note.")


class AnalysisReceived(OfOnePicture, Analysis):
    """The bot looked at a picture itself."""

    image_url: Link | None = Field(default=None, description="Names the picture by its address instead of its task.")

    @property
    def analysis(self) -> Analysis:
        """The analysis alone."""
        return Analysis.model_validate(self.model_dump(include=set(Analysis.model_fields)))


class OfMoney(Event):
    """Something about money, as people and platforms write it."""

    WEIGHTY: ClassVar[tuple[str, ...]] = ("amount", "currency")

    @property
    def identity(self) -> str:
        """By what it is known again: its sender's id, and which money it tells of."""
        told = (getattr(self, name, None) for name in ("event_id", "payment_id", "refund_id", "amount", "currency"))
        return self.event_id and ids.bounded(":".join(str(one) for one in told if one))

    @model_validator(mode="before")
    @classmethod
    def _as_it_is_written(cls, value: Any) -> Any:
        return amounts.read(value) if isinstance(value, dict) else value


class QuoteSet(OfMoney):
    """Somebody fixes the price of the order: bargaining, a coupon, a designer's price."""

    amount: Price = Field(description="Price of the whole order.")
    currency: Unread | None = Field(default=None, description="That of the price list; another one is refused.")
    set_by: Name = Field(default="staff", description="Who set it.")
    reason: Words = Field(default="", description="Why.")


class MoneyMoved(OfMoney):
    """Money that moved: it is known by its own id, so that another one under the same event is booked as well."""


class PaymentReceived(MoneyMoved):
    """Money came in. It is kept whatever was written of it: what cannot be read stays in its words, for staff."""

    WEIGHTY = ("payment_id", "amount", "currency")

    payment_id: Name | None = Field(default=None, description="The platform's id: the same one twice is one payment.")
    amount: Amount | None = Field(default=None, description="Without one it counts as paid, and is flagged.")
    currency: Unread | None = Field(default=None, description="Else that of the amount, else that of the price list.")
    paid_at: Moment | None = Field(default=None, description="Without a zone it is the shop's; else now.")


class RefundRecorded(MoneyMoved):
    """Money went back, by the shop or the platform; it stops work at once. It is kept whatever was written of it."""

    WEIGHTY = ("refund_id", "amount", "currency")

    refund_id: Name | None = Field(default=None, description="The platform's id: the same one twice is one refund.")
    amount: Amount | None = Field(default=None, description="Without one all that is left.")
    currency: Unread | None = Field(default=None, description="Else that of the amount, else that of the price list.")
    reason: Line = Field(default="", description="Why.")


class RequirementAdded(OfOnePicture):
    """A structured wish for a picture. After payment staff alone may add one."""

    WEIGHTY = ("task_id", "requirement")

    requirement: Wanted = Field(description="What is wanted.")
    changed_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why staff change what is paid.")


class OperationChanged(OfOnePicture):
    """Something else is to be done to a picture. After payment staff alone may change it."""

    WEIGHTY = ("task_id", "operation")

    operation: Operation = Field(description="What is to be done.")
    changed_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why staff change what is paid.")


class CustomerMessage(Event):
    """Words of the customer, read by the shop's rules."""

    WEIGHTY = ("text",)

    text: Words = Field(default="", description="What they wrote.")
    image_url: Link | None = Field(default=None, description="A picture that came with it, to show what is meant.")


class RevisionRequested(OfOnePicture):
    """The customer wants changes."""

    WEIGHTY = ("task_id", "note")

    note: Words = Field(default="", description="Which; without it they are asked.")
    image_url: Link | None = Field(default=None, description="A picture that shows what is meant.")


class EmailProvided(Event):
    """The customer's e-mail address; with a preview out, the files are mailed."""

    WEIGHTY = ("email",)

    email: Address = Field(description="The address.")


class ConsentRecorded(Event):
    """The customer agreed to something, such as no explicit label of AI."""

    kind: Name = Field(min_length=1, description="To what.")
    text: Words = Field(default="", description="In which words.")


class TransferRequested(OfOnePicture):
    """A human designer is to do it."""

    reason: Words = Field(default="", description="Why.")


class ResultOffered(OfOnePicture):
    """A finished picture that somebody else made."""

    result_url: Link | None = Field(default=None, description="Where it is fetched from.")
    result_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    notes: Words = Field(default="", description="What they say of it.")


class DesignerFinished(ResultOffered):
    """A designer finished a picture."""

    dispatch_task_id: Name = Field(default="", description="The dispatch system's id.")


DispatchStanding = Literal["by_hand", "nobody_there", "assigned", "accepted", "finished", "over", "given_up", "ended"]


class DispatchChanged(OfOnePicture):
    """How a picture fares at the designers'; its DispatchWorkflow says so."""

    dispatch_id: Name = Field(description="Id of the workflow that speaks.")
    standing: DispatchStanding = Field(
        description="by_hand: no dispatch system is set up. over: its task is done, what is wanted now is another one. "
        "given_up: nobody finished it in time."
    )
    designer: Name = Field(default="", description="Who has it.")
    dispatch_task_id: Name = Field(default="", description="The dispatch system's id.")
    reason: Words = Field(default="", description="Why.")


class ResultSubmitted(ResultOffered):
    """Staff, or someone else's picture AI, made a picture."""

    source: Name = Field(default="staff", description="Who made it.")


class ResendRequested(Event):
    """The finished files are to be mailed once more."""

    requested_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why.")


class ProcessingResumed(OfOnePicture):
    """Staff let an order go on: past a flag, a risk, a stop, a failure; a picture that is named leaves its designer."""

    requested_by: Who = Field(default="staff", description="staff; a customer cannot.")
    reason: Words = Field(default="", description="Why.")


class CancelRequested(Event):
    """The order is to be cancelled; once a preview is out, staff decide."""

    requested_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why.")


class LinkOpened(Event):
    """The customer downloaded a finished file by its link; the gateway says so."""

    key: StorageKey = Field(description="Key of the file.")


Message = (
    ImageReceived | AnalysisReceived | QuoteSet | PaymentReceived | RefundRecorded | RequirementAdded
    | OperationChanged | CustomerMessage | RevisionRequested | EmailProvided | ConsentRecorded | TransferRequested
    | DesignerFinished | DispatchChanged | ResultSubmitted | ResendRequested | ProcessingResumed | CancelRequested
    | LinkOpened
)  # fmt: skip

SIGNALS: dict[str, type[Message]] = {
    "image_received": ImageReceived,
    "analysis_received": AnalysisReceived,
    "quote_set": QuoteSet,
    "payment_received": PaymentReceived,
    "refund_recorded": RefundRecorded,
    "requirement_added": RequirementAdded,
    "operation_changed": OperationChanged,
    "customer_message": CustomerMessage,
    "revision_requested": RevisionRequested,
    "email_provided": EmailProvided,
    "consent_recorded": ConsentRecorded,
    "transfer_requested": TransferRequested,
    "designer_finished": DesignerFinished,
    "dispatch_changed": DispatchChanged,
    "result_submitted": ResultSubmitted,
    "resend_requested": ResendRequested,
    "processing_resumed": ProcessingResumed,
    "cancel_requested": CancelRequested,
    "link_opened": LinkOpened,
}

UPDATES: dict[str, str] = {  # what an update says is what this signal says
    "add_requirement": "requirement_added",
    "change_operation": "operation_changed",
    "send_message": "customer_message",
    "request_cancel": "cancel_requested",
}


class Answer(Lenient):
    """What an update is answered. Without a reply the bot answers the customer by itself."""

    accepted: bool = True
    reason: Said | None = None  # why it was refused, for the bot to pass on
    reply: list[Said] = Field(default_factory=list)  # what the customer is to be told
    is_sent: bool = False  # nobody needs to answer: links go out as a message, or the next words are answered for these
    act: str = (
        ""  # what followed from a customer's words, as `domain/language/acts.py` names it; "nothing": the bot's turn
    )
