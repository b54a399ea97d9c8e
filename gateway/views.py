"""Orders as callers of the gateway see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, PlainSerializer
from sqlalchemy import RowMapping

from adapters.db.reading import OnRecord
from adapters.phrases import Phrasebook
from adapters.storage.links import DownloadLinks
from domain.order import journal
from domain.texts.catalogue import TEXTS, Language
from domain.texts.phrase import Said, said
from domain.vocabulary import ids
from domain.vocabulary.money import Quote, QuoteLine, figure
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import AWAITING_REFUND, Status
from domain.vocabulary.trail import JournalEntry
from starter.orders import Listed

Money = Annotated[Decimal, PlainSerializer(figure, return_type=str), Field(examples=["18.00"])]
SHOWN = {Status.AWAITING_CONFIRM, Status.REVISION, Status.COMPLETED}  # a preview of it is out


class OrderSummary(BaseModel):
    """An order as it stands."""

    order_id: str
    customer_id: str
    acc_id: str = Field(description="Shop account.")
    acc_type: str = Field(description="Platform of the shop.")
    status: Status
    label: str = Field(description="The status in the shop's words; 待退款 where money is to go back.")
    waits_for: str = Field(description="In the shop's words.")
    high_value: bool
    amount_due: Money | None = Field(default=None, description="What pays the order: the least that is accepted.")
    price_from: Money | None = Field(default=None, description="The price as it is told, from here")
    price_to: Money | None = Field(default=None, description="to here; both ends are the same where one price was set.")
    amount_paid: Money
    amount_refunded: Money
    currency: str | None = None
    email_status: str = Field(description="Of the last letter: sent or refused; empty before the first.")
    created_at: datetime
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    workflow_url: str = Field(description="Where Temporal's Web UI shows it.")


class FactorView(Said):
    """One thing that a price is made of."""

    words: str = Field(description="In the shop's words.")


class QuoteLineView(BaseModel):
    """What one picture costs."""

    task_id: str
    minimum: Money
    maximum: Money
    factors: list[FactorView] = Field(description="What the price is made of.")


class QuoteView(BaseModel):
    """The last quote, with what the bot is to say of it."""

    version: int
    minimum: Money
    maximum: Money
    currency: str
    fixed: bool = Field(description="Somebody set the price.")
    lines: list[QuoteLineView] = Field(description="One a picture, with the factors behind it.")
    hint: str = Field(description="What the bot is told, to word the price itself.")
    fallback_text: str = Field(description="What to say otherwise.")


class PictureView(BaseModel):
    """One picture of an order."""

    task_id: str
    number: int = Field(description="As people count them, from 1.")
    status: Status
    label: str
    operation: Operation | None = None
    requirements: list[str]
    customer_notes: str
    score: int | None = Field(default=None, description="Of the quality check, 0 to 100.")
    retries: int = Field(description="Attempts beyond the first of each round.")
    revisions: int = Field(description="Rounds that the customer asked for.")
    error: str | None = Field(default=None, description="Why it does not go on by itself.")
    original_url: str | None = None
    preview_url: str | None = Field(default=None, description="While it lies before the customer, and later.")
    result_url: str | None = Field(default=None, description="The finished file, once it is delivered.")
    started_at: datetime | None = None
    completed_at: datetime | None = None


class OrderView(OrderSummary):
    """An order with its quote and its pictures."""

    customer_name: str
    quote: QuoteView | None = None
    pictures: list[PictureView]


class OrderPage(BaseModel):
    """A page of a customer's orders, newest first."""

    orders: list[OrderSummary]
    next: str | None = Field(default=None, description="The `cursor` of the next page; null on the last.")


class ChangeView(BaseModel):
    """A change of what is wanted of a picture, done or refused."""

    task_id: str
    change_type: str = Field(description="add_note, modify_operation or add_requirement.")
    refused: bool
    old_value: str = Field(description="无 where there was none.")
    new_value: str
    changed_at: datetime
    changed_by: str = Field(description="customer or staff.")
    reason: str = Field(description="Why staff changed what is paid, or why it was refused, in the shop's words.")


class Changes(BaseModel):
    """What was changed of an order, newest first."""

    changes: list[ChangeView]


class JournalLine(BaseModel):
    """A line of an order's journal: what happened, when, by whom."""

    serial: int
    at: datetime
    what: str
    by: str
    task_id: str | None
    words: str = Field(description="The line in words.")
    facts: dict[str, Any]


@dataclass(frozen=True)
class Views:
    """Makes the views: with links of ours, and in the shop's words."""

    links: DownloadLinks
    phrases: Phrasebook
    workflow_url: Callable[[str], str]
    language: Language = "zh"  # of the staff

    def summary(self, row: RowMapping) -> OrderSummary:
        """Return an order without its pictures."""
        return OrderSummary(**self._facts(row))

    def order(self, found: OnRecord) -> OrderView:
        """Return an order with everything."""
        pictures = [self._picture(found.order["order_id"], row) for row in found.pictures]
        name = next((row["customer_name"] for row in found.pictures), "")
        quote = found.order["quote"] and self._quote(Quote.model_validate(found.order["quote"]))
        return OrderView(**self._facts(found.order) | {"customer_name": name, "quote": quote, "pictures": pictures})

    def begun(self, listed: Listed) -> OrderView:
        """Return an order that Temporal has and the tables have not yet: a worker writes its first rows."""
        status = Status(listed.status or Status.PENDING)  # whoever starts one over Temporal need not say so
        return OrderView(
            order_id=listed.order_id,
            customer_id=listed.customer_id,
            customer_name="",
            acc_id=listed.shop_id,
            acc_type="",
            status=status,
            label=status.label,
            waits_for=TEXTS[self.language].say(said("waits.first_look")),
            high_value=False,
            amount_paid=Decimal(0),
            amount_refunded=Decimal(0),
            email_status="",
            created_at=listed.started_at,
            workflow_url=self.workflow_url(ids.workflow_id(listed.order_id)),
            pictures=[],
        )

    def _facts(self, row: RowMapping) -> dict[str, Any]:
        status, price = Status(row["status"]), row["quote"] and Quote.model_validate(row["quote"])
        return dict(row) | {
            "label": AWAITING_REFUND if row["refund_due"] else status.label,
            "price_from": price and price.minimum,
            "price_to": price and price.maximum,
            "workflow_url": self.workflow_url(ids.workflow_id(row["order_id"])),
        }

    def _quote(self, quote: Quote) -> QuoteView:
        facts = quote.facts
        return QuoteView(
            version=quote.version,
            minimum=quote.minimum,
            maximum=quote.maximum,
            currency=quote.currency,
            fixed=quote.fixed is not None,
            lines=[self._line(line) for line in quote.lines],
            hint=self.phrases.text("quote_hint", **facts),
            fallback_text=self.phrases.text("quote", **facts),
        )

    def _line(self, line: QuoteLine) -> QuoteLineView:
        factors = [FactorView(words=self.phrases.said(one), **one.model_dump()) for one in line.factors]
        return QuoteLineView(task_id=line.task_id, minimum=line.minimum, maximum=line.maximum, factors=factors)

    def _picture(self, order_id: str, row: RowMapping) -> PictureView:
        status, result, number = Status(row["status"]), row["result_image"], int(row["task_id"].rpartition("_")[2])
        preview = ids.preview_of(result) if result and status in SHOWN else None
        finished = result and status is Status.COMPLETED
        return PictureView(
            **{name: row[name] for name in SAME},
            number=number,
            status=status,
            label=status.label,
            score=row["qa_score"],
            retries=row["retry_count"],
            revisions=row["revision_count"],
            error=row["error_message"],
            original_url=self.link(row["original_image"]),
            preview_url=self.link(preview),
            result_url=self.links.url(result, ids.finished_name(order_id, number, result)) if finished else None,
        )

    def link(self, key: str | None) -> str | None:
        """Return a link of ours to a picture, where there is one."""
        return self.links.url(key, key.rpartition("/")[2]) if key else None

    def line(self, entry: JournalEntry) -> JournalLine:
        """Return a line of a journal."""
        return JournalLine(words=journal.words(entry, self.language), **entry.model_dump(exclude={"event_id"}))


SAME = ("task_id", "operation", "requirements", "customer_notes", "started_at", "completed_at")  # as the row has them


def changes(rows: Sequence[RowMapping]) -> Changes:
    """Return what was changed."""
    return Changes(changes=[ChangeView(**row) for row in rows])
