"""Inputs and outputs of the activities of an order: one model in, one model out."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from domain.bounds import budgets
from domain.bounds.limits import LONGEST_LINK
from domain.order.lineup import Lineup
from domain.order.order import Order
from domain.order.picture import Choice
from domain.texts.phrase import Said
from domain.vocabulary import ids
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Lenient, Look, ModelCall, Operation, StoredPicture, TargetSize
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.trail import Notice, Outgoing

# A report in a history holds only fields that differ from their defaults, and none of these, which steer the workflow
# and are not stored as rows. What tells what the order waits for is kept: the rows describe it.
NOT_IN_HISTORY = {
    "letters", "posting", "no_room",
    "early", "fixed", "is_released", "is_refund_open", "is_known_email_offered", "address_asked", "asked_about",
    "links_offered", "opened_link", "unplaced_wish", "objected_at", "waits_for", "waits_since", "reminders",
    "is_shipping_told", "is_shipping_due_told", "is_closed_told", "finished_at", "is_over", "broken_waits", "last_bug",
    "broken_report", "mail_trouble_told", "notices", "serial", "reported", "lineup",
}  # fmt: skip
ReportedOrder = Annotated[
    Order, PlainSerializer(lambda order: order.model_dump(mode="json", exclude_defaults=True, exclude=NOT_IN_HISTORY))
]


class Customer(Lenient):
    """Whose order it is: ids of customers are the platform's, so the shop is part of the key."""

    customer_id: str
    acc_id: str


class ExamineInput(Lenient):
    """Store an image as the original, and analyse it unless the bot has."""

    task_id: str
    folder: str
    image_url: str | None = None
    image_key: str | None = None
    words: str
    analysis: Analysis | None = None
    # Of the order's first analysis: whose profile to look up; the answer then includes the shop's rules.
    first_of: Customer | None = None


class Examined(Lenient):
    """The stored original and its analysis.

    `refused` says why the image was rejected, `unseen` why no model analysed it, `more` what else the file shows.
    """

    original: StoredPicture | None = None
    analysis: Analysis | None = None
    call: ModelCall | None = None
    refused: Said = Field(default_factory=Said)
    unseen: Said = Field(default_factory=Said)
    more: str = ""  # frames or pages, of which only the first is used
    rules: ShopRules | None = None
    lineup: Lineup | None = None
    spent: Spent = Field(default_factory=Spent)
    known_email: str | None = None  # of the customer's profile


class Words(Lenient):
    """Messages to send to the customer along with other work."""

    customer_id: str
    acc_id: str
    acc_type: str
    outbox: list[Outgoing]


class ProduceInput(Lenient):
    """One attempt at a picture: call the model, then make the deliverable.

    `tried` names the providers used in this round: an unavailable one is left sooner if another can take over.
    """

    task_id: str
    folder: str
    attempt: int
    original: StoredPicture
    operation: Operation
    prompt: str
    aspect_ratio: str
    size: TargetSize | None = None
    choice: Choice | None = None  # None: the worker's default model
    tried: list[str] = Field(default_factory=list)
    is_forced: bool = False  # although automatic processing is switched off
    is_unlimited: bool = False  # beyond the cost limit
    news: ReportedOrder | None = None  # written to the database first, if its rows are behind
    words: Words | None = None  # sent to the customer first
    threshold: int | None = None  # the lowest score that passes; None: the result is not checked along
    is_label_waived: bool = False  # the customer wants no visible AI label
    number: int = 0  # of the picture, if the order has several


class AdoptInput(Lenient):
    """Accept a finished image from elsewhere as the result of an attempt."""

    task_id: str
    folder: str
    attempt: int
    image_url: str | None = None
    image_key: str | None = None
    # What it has to be; None: any picture will do.
    operation: Operation | None = None
    prompt: str = ""
    size: TargetSize | None = None
    original_key: str = ""
    is_made_with_model: bool = False  # by another image AI, or from what a model made
    is_label_waived: bool = False
    number: int = 0


class Adopted(Lenient):
    """A finished image: the deliverable, a viewable image of it, and the preview for the customer.

    `plain` is the deliverable without the visible AI label, if `file` shows one.
    """

    file: StoredPicture
    view_key: str
    preview_key: str
    plain_size: int = 0  # bytes
    is_labelled: bool = False  # a model took part
    issue: Said = Field(default_factory=Said)  # of a result from elsewhere: what people should look at

    @property
    def plain_key(self) -> str:
        """The key of the copy without the visible AI label; empty if there is none."""
        return ids.plain_of(self.file.key) if self.plain_size else ""


class Checked(Lenient):
    """The judgement of the best result, and the call if a model was asked."""

    look: Look
    outcome: Outcome | None = None
    best: int = 0  # the index of the best result
    call: ModelCall | None = None
    spent: Spent = Field(default_factory=Spent)


class Produced(Adopted):
    """The result of an attempt: the first image, and `others` if the model made several."""

    call_id: str
    provider: str
    model: str
    choice: Choice | None = None
    others: list[Adopted] = Field(default_factory=list)
    is_told: bool = False  # the messages that came with the work were sent
    lineup: Lineup | None = None  # as configured now
    spent: Spent = Field(default_factory=Spent)
    checked: Checked | None = None  # None: it still has to be checked

    @property
    def results(self) -> list[Adopted]:
        """All images it made."""
        return [self, *self.others]


class Trouble(Lenient):
    """A failed call: its outcome, the cost so far, and what choosing the next model needs."""

    outcome: Outcome
    spent: Spent
    choice: Choice | None = None  # of an attempt
    is_news: bool = True  # False: staff were told of this provider's problem recently
    lineup: Lineup | None = None


class Candidate(Lenient):
    """One result of an attempt, recorded under its file's key. If that shows a label, the plain file is checked."""

    file_key: str
    view_key: str
    plain_key: str = ""

    @property
    def checked_key(self) -> str:
        """The key of the file to check."""
        return self.plain_key or self.file_key

    @property
    def seen_key(self) -> str:
        """The key of what people would see of that file."""
        return self.checked_key if self.view_key == self.file_key else self.view_key


class CheckInput(Lenient):
    """Check the results of an attempt."""

    task_id: str
    attempt: int
    call_id: str
    original_key: str
    candidates: list[Candidate]
    threshold: int  # the lowest score that passes
    operation: Operation
    prompt: str
    size: TargetSize | None = None


class Report(Lenient):
    """An order to report: rows to write and messages to send."""

    order: ReportedOrder


# The third detail of a failure of a shared service: the outage reporter tells staff once, instead of each order.
IS_SHARED = "shared"


class RefusedMessage(Lenient):
    """A message that the chat bot rejects permanently: its text, and the reason."""

    message_id: str
    words: str
    reason: Said


class Reported(Lenient):
    """The messages that could not be sent; the activity returns nothing if all were."""

    refused: list[RefusedMessage]


class Alert(Lenient):
    """Notices to send to staff."""

    order_id: str
    notices: list[Notice]


class Alerted(Lenient):
    """How many of the notices, counted from the first, are in the message that was sent."""

    told: int


class LateEvent(Lenient):
    """An event for an order that is closed or unknown."""

    order_id: Annotated[str, Field(max_length=LONGEST_LINK)]
    signal: Annotated[str, Field(max_length=LONGEST_LINK)]
    payload: Annotated[dict[str, Any], AfterValidator(budgets.cut)]  # the workflow's input holds all of it


class DeliveredFile(Lenient):
    """A finished file as delivered to the customer."""

    key: str
    filename: str
    content_type: str
    file_size: int
    width: int = 0
    height: int = 0
    operation: Operation | None = None
    original_key: str = ""
    view_key: str = ""  # of a viewable image of it


class MailInput(Lenient):
    """Send the finished files by e-mail."""

    order_id: str
    delivery: int
    to: str
    customer_name: str
    files: list[DeliveredFile]


class MailOutcome(Lenient):
    """Whether the e-mail was sent; if it was rejected, `error` is the mail server's answer."""

    status: Literal["sent", "refused"]
    message_id: str
    error: Said = Field(default_factory=Said)
