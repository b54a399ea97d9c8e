"""Every signal, and every input and output of workflows and activities; one model in, one model out."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer, field_validator

from domain.order import Order, Status
from domain.pictures import Analysis, Lenient, Look, ModelCall, Operation, StoredPicture, TargetSize
from domain.rules import ShopRules

# What people write is cut: Temporal limits what an activity may be given, and the signal itself stays in its history.
LONGEST_WORDS = 2000
Words = Annotated[str, AfterValidator(lambda words: words[:LONGEST_WORDS])]
Name = Annotated[str, Field(max_length=255)]  # what Temporal indexes, or a key of a row
LARGEST_AMOUNT = 10_000_000

# ---- the start of an order -------------------------------------------------------------------------------------------


class RequestedPicture(Lenient):
    """A picture an order starts with: by its address, or by the key under which it was uploaded."""

    image_url: str | None = None
    image_key: str | None = None
    operation: Operation | None = None
    note: Words = ""
    analysis: Analysis | None = None


class OrderRequest(Lenient):
    """What starts an order."""

    customer_id: Name = Field(min_length=1)
    customer_name: Name = ""
    acc_id: Name = ""
    acc_type: Name = "AliWorkbench"
    owner: Name | None = None
    pictures: list[RequestedPicture] = Field(default_factory=list)
    email: str | None = None


class OrderOutcome(Lenient):
    """How an order ended."""

    order_id: str
    status: Status
    amount_paid: Decimal
    pictures: dict[str, Status]


# ---- signals ---------------------------------------------------------------------------------------------------------


class Event(Lenient):
    """Something that happened to an order; the sender's `event_id` makes a repeat harmless."""

    event_id: Name = ""


class ImageReceived(Event):
    """The customer sent a picture."""

    image_url: str | None = None
    image_key: str | None = None
    note: Words = ""
    operation: Operation | None = None


class AnalysisReceived(Event, Analysis):
    """The bot looked at a picture itself."""

    task_id: str | None = None
    image_url: str | None = None

    @property
    def analysis(self) -> Analysis:
        """The analysis alone."""
        return Analysis.model_validate(self.model_dump(include=set(Analysis.model_fields)))


class PaymentReceived(Event):
    """Money came in. Without an amount it is taken as paid, and flagged."""

    payment_id: Name | None = None
    amount: Decimal | None = Field(default=None, ge=0, le=LARGEST_AMOUNT, allow_inf_nan=False)
    currency: Name | None = None  # none given: that of the price list
    paid_at: AwareDatetime | None = None


class CustomerMessage(Event):
    """Words of the customer."""

    text: Words = ""
    image_url: str | None = None


class RevisionRequested(Event):
    """The customer wants changes, and says which."""

    note: Words = ""
    image_url: str | None = None
    task_id: str | None = None


class EmailProvided(Event):
    """The customer's e-mail address."""

    email: Words

    @field_validator("email", mode="after")
    @classmethod
    def _stripped(cls, value: str) -> str:
        return value.strip()


Message = ImageReceived | AnalysisReceived | PaymentReceived | CustomerMessage | RevisionRequested | EmailProvided

SIGNALS: dict[str, type[Message]] = {
    "image_received": ImageReceived,
    "analysis_received": AnalysisReceived,
    "payment_received": PaymentReceived,
    "customer_message": CustomerMessage,
    "revision_requested": RevisionRequested,
    "email_provided": EmailProvided,
}

# ---- activities ------------------------------------------------------------------------------------------------------


# An order in a history says only what differs from an order of which nothing is known.
News = Annotated[Order, PlainSerializer(lambda order: order.model_dump(mode="json", exclude_defaults=True))]


class ExamineInput(Lenient):
    """Store a picture as the original, and look at it unless the bot has."""

    task_id: str
    folder: str
    image_url: str | None = None
    image_key: str | None = None
    words: str
    analysis: Analysis | None = None
    wants_rules: bool = False  # the order has none yet


class Examined(Lenient):
    """The stored original and what it shows; `refused` says why it is no picture we can take."""

    original: StoredPicture | None = None
    analysis: Analysis | None = None
    call: ModelCall | None = None
    refused: str = ""
    rules: ShopRules | None = None


class ProduceInput(Lenient):
    """One attempt at a picture: call the model, then make the deliverable."""

    task_id: str
    folder: str
    attempt: int
    original: StoredPicture
    operation: Operation
    prompt: str
    aspect_ratio: str
    size: TargetSize | None = None
    news: News | None = None  # written to the rows first, where they lag behind


class Produced(Lenient):
    """What an attempt made: the file that is owed, a view of it, and the preview for the customer."""

    call_id: str
    provider: str
    model: str
    file: StoredPicture
    view_key: str
    preview_key: str


class CheckInput(Lenient):
    """Judge what an attempt made."""

    call_id: str
    original_key: str
    file_key: str
    view_key: str
    operation: Operation
    prompt: str
    size: TargetSize | None = None


class Checked(Lenient):
    """The judgement, and the call it took where a model was asked."""

    look: Look
    call: ModelCall | None = None


class Report(Lenient):
    """An order with news: rows to write, and the outbox to hand over."""

    order: News


class DeliveredFile(Lenient):
    """A finished file as the customer gets it."""

    key: str
    filename: str
    content_type: str
    file_size: int


class MailInput(Lenient):
    """Send the finished files."""

    order_id: str
    delivery: int
    to: str
    customer_name: str
    files: list[DeliveredFile]


class MailOutcome(Lenient):
    """Whether the letter went out; a refusal says what the mail server answered."""

    status: Literal["sent", "refused"]
    message_id: str
    error: str = ""
