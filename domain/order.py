"""The state of an order and its pictures, and the one table of allowed moves."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, Field

from domain.errors import IllegalMove
from domain.money import Payment, Quote
from domain.pictures import Analysis, Look, Operation, StoredPicture, TargetSize
from domain.rules import ShopRules


class Status(StrEnum):
    """Where an order, or one picture of it, stands."""

    PENDING = "pending"
    PAID = "paid"
    PROCESSING = "processing"
    AWAITING_CONFIRM = "awaiting_confirm"
    REVISION = "revision"
    WITH_DESIGNER = "with_designer"
    COMPLETED = "completed"
    FAILED = "failed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        """The status as people of the shop say it."""
        return LABELS[self]


S = Status
LABELS = {
    S.PENDING: "待付款",
    S.PAID: "已付款",
    S.PROCESSING: "处理中",
    S.AWAITING_CONFIRM: "待确认",
    S.REVISION: "修改中",
    S.WITH_DESIGNER: "转人工处理中",
    S.COMPLETED: "已完成",
    S.FAILED: "失败",
    S.DECLINED: "不接单",
    S.CANCELLED: "已取消",
    S.EXPIRED: "已过期",
}

# The one table of allowed moves, for orders and pictures alike. Any other move is a bug.
MOVES: dict[Status, frozenset[Status]] = {
    S.PENDING: frozenset({S.PAID, S.DECLINED, S.CANCELLED, S.EXPIRED}),
    S.PAID: frozenset({S.PROCESSING, S.WITH_DESIGNER, S.AWAITING_CONFIRM, S.FAILED, S.DECLINED, S.CANCELLED}),
    S.PROCESSING: frozenset({S.AWAITING_CONFIRM, S.WITH_DESIGNER, S.FAILED, S.CANCELLED}),
    S.AWAITING_CONFIRM: frozenset({S.REVISION, S.PROCESSING, S.WITH_DESIGNER, S.COMPLETED, S.CANCELLED}),
    S.REVISION: frozenset({S.PROCESSING, S.AWAITING_CONFIRM, S.WITH_DESIGNER, S.COMPLETED, S.CANCELLED}),
    S.WITH_DESIGNER: frozenset({S.AWAITING_CONFIRM, S.PROCESSING, S.FAILED, S.CANCELLED}),
    S.FAILED: frozenset({S.PROCESSING, S.WITH_DESIGNER, S.AWAITING_CONFIRM, S.CANCELLED}),
    S.COMPLETED: frozenset({S.REVISION, S.PROCESSING, S.WITH_DESIGNER}),
    S.DECLINED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
}

# The picture that has the longest way to go speaks for the order.
WAITS_LONGEST = (
    S.PENDING, S.PAID, S.FAILED, S.WITH_DESIGNER, S.PROCESSING, S.REVISION, S.AWAITING_CONFIRM,
    S.COMPLETED, S.DECLINED, S.EXPIRED, S.CANCELLED,
)  # fmt: skip


JOURNAL_LENGTH = 40  # lines of the audit trail that the workflow keeps once told; the table order_events holds all


class Result(BaseModel):
    """What an attempt came to: the file that is owed, a view of it, and the watermarked preview."""

    file: StoredPicture
    view_key: str
    preview_key: str
    score: int | None = None
    issue: str = ""


class Attempt(BaseModel):
    """One attempt of a round: what was tried, and what the check said of it."""

    number: int  # counts over all rounds of the picture, so that every attempt has its own key
    round: int
    provider: str = ""
    model: str = ""
    look: Look | None = None
    result: Result | None = None
    error: str = ""
    error_type: str = ""


class Picture(BaseModel):
    """One task: a picture of an order with its own operation, analysis, rounds and result."""

    task_id: str
    status: Status = Status.PENDING
    image_url: str | None = None
    image_key: str | None = None
    note: str = ""
    original: StoredPicture | None = None
    operation: Operation | None = None
    size: TargetSize | None = None
    requirements: list[str] = Field(default_factory=list)
    analysis: Analysis | None = None
    round: int = 0  # 0 is the first making; each revision adds one
    revision_notes: list[str] = Field(default_factory=list)
    attempts: list[Attempt] = Field(default_factory=list)
    shown: int | None = None  # the number of the attempt that lies before the customer
    accepted: bool = False  # the customer likes the preview; a revision takes it back
    error: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def is_examined(self) -> bool:
        """Whether the original is stored and looked at, or known to be no picture."""
        return bool(self.error) or (self.original is not None and self.analysis is not None)

    @property
    def result(self) -> Result | None:
        """What lies before the customer."""
        return next((attempt.result for attempt in self.attempts if attempt.number == self.shown), None)

    @property
    def tries(self) -> list[Attempt]:
        """The attempts of the current round."""
        return [attempt for attempt in self.attempts if attempt.round == self.round]


class Outgoing(BaseModel):
    """Something to be told to the customer, by the key of its phrase; its id stays the same over retries."""

    message_id: str
    serial: int
    kind: Literal["text", "image", "hint"]
    phrase: str = ""  # of a text or a hint
    fallback: str = ""  # of a hint: what is said when the bot cannot be asked
    values: dict[str, str] = Field(default_factory=dict)
    image_key: str = ""


class JournalEntry(BaseModel):
    """One line of the audit trail: what happened, when, by whom."""

    event_id: str
    serial: int
    at: datetime
    what: str
    by: str = "darkroom"
    task_id: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict)


class Order(BaseModel):
    """Everything that is known of an order; the workflow holds one of these and nothing else."""

    order_id: str
    customer_id: str
    customer_name: str = ""
    acc_id: str = ""
    acc_type: str = "AliWorkbench"
    owner: str | None = None
    created_at: datetime
    rules: ShopRules | None = None  # those that held when its first picture came in, whatever is set later
    version: int = 0
    pictures: list[Picture] = Field(default_factory=list)
    quotes: list[Quote] = Field(default_factory=list)
    payments: list[Payment] = Field(default_factory=list)
    email: str | None = None
    address_asked: bool = False
    unplaced_wish: str | None = None  # what a refusal asked for, until the customer says of which picture
    deliveries: int = 0
    email_status: Literal["", "sent", "refused"] = ""
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    outbox: list[Outgoing] = Field(default_factory=list)
    journal: list[JournalEntry] = Field(default_factory=list)  # the last lines of the audit trail
    serial: int = 0  # numbers messages and journal lines
    reported: int = 0  # the serial up to which the outside has been told

    @property
    def live(self) -> list[Picture]:
        """The pictures that are still part of the order."""
        return [picture for picture in self.pictures if picture.status is not Status.CANCELLED]

    @property
    def status(self) -> Status:
        """The status of the picture that has the longest way to go."""
        if not self.live:
            return Status.PAID if self.paid_at else Status.PENDING
        return min((picture.status for picture in self.live), key=WAITS_LONGEST.index)

    @property
    def quote(self) -> Quote | None:
        """The last quote."""
        return self.quotes[-1] if self.quotes else None

    def quote_at(self, moment: datetime) -> Quote | None:
        """Return the quote that a payment of this moment binds: the last one told before it, else the first."""
        told = [quote for quote in self.quotes if quote.quoted_at <= moment]
        return (told or self.quotes[:1])[-1] if self.quotes else None

    @property
    def known_rules(self) -> ShopRules:
        """The rules the order lives by; the usual ones until its first picture was looked at."""
        return self.rules or ShopRules()

    @property
    def amount_paid(self) -> Decimal:
        """What the customer paid so far."""
        return sum((payment.amount for payment in self.payments), Decimal(0))

    @property
    def high_value(self) -> bool:
        """Whether the order goes before others and staff are told of it."""
        return self.quote is not None and self.quote.high_value

    def picture(self, task_id: str) -> Picture:
        """Return the picture of this task. Raises KeyError."""
        for picture in self.pictures:
            if picture.task_id == task_id:
                return picture
        raise KeyError(task_id)

    def with_status(self, *statuses: Status) -> list[Picture]:
        """Return the pictures that stand in one of these statuses."""
        return [picture for picture in self.pictures if picture.status in statuses]

    def move(self, pictures: Iterable[Picture], status: Status, now: datetime, by: str = "darkroom") -> None:
        """Let pictures go on to a status. Raises IllegalMove for a way that is not in the table."""
        for picture in pictures:
            if status not in MOVES[picture.status]:
                raise IllegalMove(f"{picture.task_id}: {picture.status} -> {status}")
            facts = {"from": picture.status, "to": status}
            picture.status = status
            self.note("status_changed", now, by=by, task_id=picture.task_id, **facts)

    def note(self, what: str, now: datetime, *, by: str = "darkroom", task_id: str | None = None, **facts: Any) -> None:
        """Add a line to the audit trail."""
        serial = self._next_serial()
        entry = JournalEntry(
            event_id=f"{self.order_id}-E{serial}", serial=serial, at=now, what=what, by=by, task_id=task_id, facts=facts
        )
        self.journal.append(entry)

    def say(self, phrase: str, now: datetime, **values: str) -> None:
        """Say a phrase to the customer."""
        self._send(now, kind="text", phrase=phrase, values=values)

    def show(self, image_key: str, now: datetime) -> None:
        """Show a picture to the customer."""
        self._send(now, kind="image", image_key=image_key)

    def hint(self, phrase: str, fallback: str, now: datetime, **values: str) -> None:
        """Ask the bot to word something itself, with a fixed text for when it cannot be asked."""
        self._send(now, kind="hint", phrase=phrase, fallback=fallback, values=values)

    @property
    def has_news(self) -> bool:
        """Whether something happened that the outside has not been told."""
        return self.serial > self.reported

    def news(self) -> "Order":
        """Return the order as the outside is to know it next: a later version, with the untold lines alone."""
        self.version += 1
        untold = [entry for entry in self.journal if entry.serial > self.reported]
        return self.model_copy(deep=True, update={"journal": untold, "rules": None})

    def told(self, serial: int) -> None:
        """Note that rows are written and messages handed over up to a serial."""
        self.reported = serial
        self.outbox = [message for message in self.outbox if message.serial > serial]
        untold = sum(entry.serial > serial for entry in self.journal)
        self.journal = self.journal[-max(untold, JOURNAL_LENGTH) :]

    def _send(self, now: datetime, **message: Any) -> None:
        serial = self._next_serial()
        outgoing = Outgoing(message_id=f"{self.order_id}-M{serial}", serial=serial, **message)
        self.outbox.append(outgoing)
        self.note("told", now, message_id=outgoing.message_id, phrase=outgoing.phrase or outgoing.kind)

    def _next_serial(self) -> int:
        self.serial += 1
        return self.serial
