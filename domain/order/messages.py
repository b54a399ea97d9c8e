"""The input and output of the order workflow, its signals, and its updates with their answers."""

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
    """A picture that an order starts with: its URL, or the key of its upload."""

    image_url: Link | None = Field(default=None, description="Where it is fetched from: http or https, public.")
    image_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    operation: Operation | None = Field(default=None, description="What is to be done; else it is read from the note.")
    note: Words = Field(default="", description="The customer's words about it.")
    analysis: Analysis | None = Field(default=None, description="The bot's own; if missing, the picture is analysed.")


class OrderRequest(Lenient):
    """The input of an order workflow."""

    customer_id: Id = Field(min_length=1, description="The platform's id of the customer.")
    customer_name: Name = Field(default="", description="Name used in e-mails.")
    acc_id: Id = Field(default="", description="Shop account that the customer talks to.")
    acc_type: Name = Field(default="AliWorkbench", description="Platform of the shop.")
    owner: Name | None = Field(default=None, description="User whose task history the order belongs to.")
    pictures: list[RequestedPicture] = Field(
        default_factory=list, max_length=MOST_PICTURES, description="May be added later, each by a signal."
    )
    email: Address | None = Field(default=None, description="The customer's e-mail address, if known.")

    @field_validator("pictures", mode="before")
    @classmethod
    def _one_order_holds_them(cls, pictures: Any) -> Any:
        if isinstance(pictures, list) and len(pictures) > MOST_PICTURES:
            message = f"an order takes at most {MOST_PICTURES} pictures; start another order for the rest"
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
# Invalid values stay as text: amounts.read has parsed or kept everything else.
Unread = Annotated[str, Field(max_length=LONGEST_VALUE + 1)]
Amount = Annotated[Decimal, Field(ge=0, le=LARGEST_AMOUNT, max_digits=10, decimal_places=2)] | Unread
Moment = Annotated[datetime, Field(ge=EARLIEST, lt=LATEST)] | Unread
Stripped = Annotated[Words, AfterValidator(str.strip)]
Wanted = Annotated[Stripped, Field(min_length=1)]
# Anybody but staff, such as the bot, acts for the customer.
Who = Annotated[
    Literal["customer", "staff"],
    BeforeValidator(lambda who: "staff" if str(who).strip().lower() in {"staff", "员工", "客服"} else "customer"),
]


class Event(Lenient):
    """Something that happened to an order."""

    # Fields that move money or choose an address: with other values in these, the same id is no repeat.
    WEIGHTY: ClassVar[tuple[str, ...]] = ()

    event_id: Name = Field(default="", description="Chosen by the sender; a repeat has no effect.")

    @property
    def weight(self) -> str:
        """The values of the `WEIGHTY` fields in one line; empty if there are none."""
        return ", ".join(str(value) for name in self.WEIGHTY if (value := getattr(self, name)) is not None)

    @property
    def identity(self) -> str:
        """By what a repeat is recognised; empty if the sender gave no id."""
        return self.event_id


class OfOnePicture(Event):
    """An event about one picture."""

    task_id: Name | None = Field(default=None, description="Which picture; optional if the order has only one.")


class ImageReceived(Event):
    """The customer sent a picture."""

    image_url: Link | None = Field(default=None, description="Where it is fetched from: http or https, public.")
    image_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    note: Words = Field(default="", description="The customer's words about it.")
    operation: Operation | None = Field(default=None, description="What is to be done; else it is read from the note.")


class AnalysisReceived(OfOnePicture, Analysis):
    """The bot's own analysis of a picture."""

    image_url: Link | None = Field(default=None, description="Identifies the picture by its URL instead of its task.")

    @property
    def analysis(self) -> Analysis:
        """Only the analysis."""
        return Analysis.model_validate(self.model_dump(include=set(Analysis.model_fields)))


class OfMoney(Event):
    """An event about money, written as people and platforms do."""

    WEIGHTY: ClassVar[tuple[str, ...]] = ("amount", "currency")

    @property
    def identity(self) -> str:
        """By what a repeat is recognised: the sender's id, and the payment or refund it is about."""
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
    """A payment or refund, recognised by its own id, so that several under one event id are all booked."""


class PaymentReceived(MoneyMoved):
    """A payment arrived. It is always recorded; invalid values are kept as text for staff."""

    WEIGHTY = ("payment_id", "amount", "currency")

    payment_id: Name | None = Field(default=None, description="The platform's id; the same id twice is one payment.")
    amount: Amount | None = Field(
        default=None, description="If missing, the order counts as paid and the payment is flagged."
    )
    currency: Unread | None = Field(default=None, description="Defaults to that of the amount, else of the price list.")
    paid_at: Moment | None = Field(
        default=None, description="Defaults to now. Without a time zone it is in the shop's."
    )


class RefundRecorded(MoneyMoved):
    """The shop or the platform refunded money, which stops work at once. It is always recorded, like a payment."""

    WEIGHTY = ("refund_id", "amount", "currency")

    refund_id: Name | None = Field(default=None, description="The platform's id; the same id twice is one refund.")
    amount: Amount | None = Field(default=None, description="If missing, all that is left.")
    currency: Unread | None = Field(default=None, description="Defaults to that of the amount, else of the price list.")
    reason: Line = Field(default="", description="Why.")


class RequirementAdded(OfOnePicture):
    """A structured requirement for a picture. After payment only staff may add one."""

    WEIGHTY = ("task_id", "requirement")

    requirement: Wanted = Field(description="What is wanted.")
    changed_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why staff change what is paid.")


class OperationChanged(OfOnePicture):
    """The operation of a picture changes. After payment only staff may change it."""

    WEIGHTY = ("task_id", "operation")

    operation: Operation = Field(description="What is to be done.")
    changed_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why staff change what is paid.")


class CustomerMessage(Event):
    """A message from the customer, read by the shop's rules."""

    WEIGHTY = ("text",)

    text: Words = Field(default="", description="What they wrote.")
    image_url: Link | None = Field(default=None, description="A picture that came with it, to show what is meant.")


class RevisionRequested(OfOnePicture):
    """The customer wants changes."""

    WEIGHTY = ("task_id", "note")

    note: Words = Field(default="", description="What to change; if empty, the customer is asked.")
    image_url: Link | None = Field(default=None, description="A picture that shows what is meant.")


class EmailProvided(Event):
    """The customer's e-mail address; if a preview was shown, the files are mailed."""

    WEIGHTY = ("email",)

    email: Address = Field(description="The address.")


class ConsentRecorded(Event):
    """The customer agreed to something, such as no visible AI label."""

    kind: Name = Field(min_length=1, description="What they agreed to.")
    text: Words = Field(default="", description="The customer's own words.")


class TransferRequested(OfOnePicture):
    """A human designer is wanted."""

    reason: Words = Field(default="", description="Why.")


class ResultOffered(OfOnePicture):
    """A finished image from elsewhere."""

    result_url: Link | None = Field(default=None, description="Where it is fetched from.")
    result_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    notes: Words = Field(default="", description="Their comment on it.")


class DesignerFinished(ResultOffered):
    """A designer finished a picture."""

    dispatch_task_id: Name = Field(default="", description="The dispatch system's id.")


DispatchStanding = Literal["by_hand", "nobody_there", "assigned", "accepted", "finished", "over", "given_up", "ended"]


class DispatchChanged(OfOnePicture):
    """The standing of a picture with the designers, sent by its DispatchWorkflow."""

    dispatch_id: Name = Field(description="Id of the sending workflow.")
    standing: DispatchStanding = Field(
        description="by_hand: no dispatch system is configured. over: its task is closed, a new one is needed. "
        "given_up: nobody finished in time."
    )
    designer: Name = Field(default="", description="Who has it.")
    dispatch_task_id: Name = Field(default="", description="The dispatch system's id.")
    reason: Words = Field(default="", description="Why.")


class ResultSubmitted(ResultOffered):
    """Staff or another image AI made a picture."""

    source: Name = Field(default="staff", description="Who made it.")


class ResendRequested(Event):
    """The finished files are to be mailed again."""

    requested_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why.")


class ProcessingResumed(OfOnePicture):
    """Staff resume an order after a flag, a risk, a stop or a failure; a named picture is taken from its designer."""

    requested_by: Who = Field(default="staff", description="staff; a customer cannot.")
    reason: Words = Field(default="", description="Why.")


class CancelRequested(Event):
    """The order is to be cancelled; once a preview was shown, staff decide."""

    requested_by: Who = Field(default="customer", description="customer or staff.")
    reason: Words = Field(default="", description="Why.")


class LinkOpened(Event):
    """The customer downloaded a finished file by its link; sent by the gateway."""

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

UPDATES: dict[str, str] = {  # each update has the payload of this signal
    "add_requirement": "requirement_added",
    "change_operation": "operation_changed",
    "send_message": "customer_message",
    "request_cancel": "cancel_requested",
}


class Answer(Lenient):
    """The answer to an update. Without a reply the bot answers the customer itself."""

    accepted: bool = True
    reason: Said | None = None  # why it was refused, for the bot to pass on
    reply: list[Said] = Field(default_factory=list)  # what to tell the customer
    is_sent: bool = False  # links go out as a message, or the answer to the next message covers this one
    act: str = (
        ""  # what followed from a customer's message, as in `domain/language/acts.py`; "nothing": the bot answers
    )
