"""What activities are given, and what they give back: one model in, one model out."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from domain.bounds import budgets
from domain.bounds.limits import LONGEST_LINK
from domain.order.lineup import Lineup
from domain.order.order import Order
from domain.order.picture import Choice
from domain.texts.phrase import Said
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Lenient, Look, ModelCall, Operation, StoredPicture, TargetSize
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.trail import Notice, Outgoing

# An order in a history says only what differs from an order of which nothing is known, and nothing of what steers it,
# but for what tells what it waits for: the rows say that in words.
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
    """Store a picture as the original, and look at it unless the bot has."""

    task_id: str
    folder: str
    image_url: str | None = None
    image_key: str | None = None
    words: str
    analysis: Analysis | None = None
    # Of the order's first look: whose profile to look up; it brings the shop's rules as well.
    first_of: Customer | None = None


class Examined(Lenient):
    """The stored original and what it shows.

    `refused` says why it is no picture we can take, `unseen` why no model looked at it.
    """

    original: StoredPicture | None = None
    analysis: Analysis | None = None
    call: ModelCall | None = None
    refused: Said = Field(default_factory=Said)
    unseen: Said = Field(default_factory=Said)
    rules: ShopRules | None = None
    lineup: Lineup | None = None
    spent: Spent = Field(default_factory=Spent)
    known_email: str | None = None  # of the customer's profile


class Words(Lenient):
    """What a customer is to be told beside some work."""

    customer_id: str
    acc_id: str
    acc_type: str
    outbox: list[Outgoing]


class ProduceInput(Lenient):
    """One attempt at a picture: call the model, then make the deliverable.

    `tried` names the providers of this round, so that one that is away is left sooner where another can take over.
    """

    task_id: str
    folder: str
    attempt: int
    original: StoredPicture
    operation: Operation
    prompt: str
    aspect_ratio: str
    size: TargetSize | None = None
    choice: Choice | None = None  # None: the worker's own usual model
    tried: list[str] = Field(default_factory=list)
    is_forced: bool = False  # although automatic processing is switched off
    is_unlimited: bool = False  # although the attempts cost more than they should
    news: ReportedOrder | None = None  # written to the rows first, where they lag behind
    words: Words | None = None  # told on the way


class AdoptInput(Lenient):
    """Take over a finished picture that somebody else made, as the result of an attempt."""

    task_id: str
    folder: str
    attempt: int
    image_url: str | None = None
    image_key: str | None = None


class Adopted(Lenient):
    """A finished picture: the file that is owed, a view of it, and the preview for the customer."""

    file: StoredPicture
    view_key: str
    preview_key: str


class Produced(Adopted):
    """What an attempt of a model made: its first picture, and the others where it made several."""

    call_id: str
    provider: str
    model: str
    choice: Choice | None = None
    others: list[Adopted] = Field(default_factory=list)
    is_told: bool = False  # the customer has heard what the work took along
    lineup: Lineup | None = None  # of today
    spent: Spent = Field(default_factory=Spent)

    @property
    def results(self) -> list[Adopted]:
        """All that it made."""
        return [self, *self.others]


class Trouble(Lenient):
    """What came of a call that gave nothing, what was spent, and what the next choice of a model must know."""

    outcome: Outcome
    spent: Spent
    choice: Choice | None = None  # of an attempt
    is_news: bool = True  # else staff were told of this provider's trouble a short while ago
    lineup: Lineup | None = None


class Candidate(Lenient):
    """One result of an attempt."""

    file_key: str
    view_key: str


class CheckInput(Lenient):
    """Judge what an attempt made."""

    task_id: str
    attempt: int
    call_id: str
    original_key: str
    candidates: list[Candidate]
    threshold: int  # the score from which a result passes
    operation: Operation
    prompt: str
    size: TargetSize | None = None


class Checked(Lenient):
    """The judgement of the best result, and the call it took where a model was asked."""

    look: Look
    outcome: Outcome | None = None
    best: int = 0  # the place of the result that was judged best
    call: ModelCall | None = None
    spent: Spent = Field(default_factory=Spent)


class Report(Lenient):
    """An order with news: rows to write, and the outbox to hand over."""

    order: ReportedOrder


# The third detail of a failure that all have in common: whoever watches the service tells staff, once.
IS_SHARED = "shared"


class RefusedMessage(Lenient):
    """A message that the chat bot refuses for good: what the customer was to read, and why they cannot."""

    message_id: str
    words: str
    reason: Said


class Reported(Lenient):
    """What could not be said; nothing is answered where everything was."""

    refused: list[RefusedMessage]


class Alert(Lenient):
    """Something that staff are to be told."""

    order_id: str
    notices: list[Notice]


class Alerted(Lenient):
    """How many of the notices, from the first, are in the message that went out."""

    told: int


class LateEvent(Lenient):
    """An event for an order that has closed, or that nobody knows."""

    order_id: Annotated[str, Field(max_length=LONGEST_LINK)]
    signal: Annotated[str, Field(max_length=LONGEST_LINK)]
    payload: Annotated[dict[str, Any], AfterValidator(budgets.cut)]  # its workflow was started with all of it


class DeliveredFile(Lenient):
    """A finished file as the customer gets it."""

    key: str
    filename: str
    content_type: str
    file_size: int
    width: int = 0
    height: int = 0
    operation: Operation | None = None
    original_key: str = ""
    view_key: str = ""  # a picture of it that people can look at


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
    error: Said = Field(default_factory=Said)
