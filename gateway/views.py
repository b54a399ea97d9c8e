"""Response models of orders."""

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
SHOWN = {Status.AWAITING_CONFIRM, Status.REVISION, Status.COMPLETED}  # its preview has been sent


class OrderSummary(BaseModel):
    """The state of an order, without its pictures."""

    order_id: str
    customer_id: str
    acc_id: str = Field(description="Shop account.")
    acc_type: str = Field(description="Shop platform.")
    status: Status
    label: str = Field(description="Status in the shop's language; 待退款 if a refund is due.")
    waits_for: str = Field(description="What the order waits for, in the shop's language.")
    high_value: bool
    amount_due: Money | None = Field(default=None, description="Minimum amount that pays the order.")
    price_from: Money | None = Field(default=None, description="Lower end of the quoted price.")
    price_to: Money | None = Field(
        default=None, description="Upper end of the quoted price; equal to the lower end for a fixed price."
    )
    amount_paid: Money
    amount_refunded: Money
    currency: str | None = None
    email_status: str = Field(description="Status of the last e-mail: sent or refused; empty before the first.")
    created_at: datetime
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    workflow_url: str = Field(description="URL in the Temporal Web UI.")


class FactorView(Said):
    """A factor of a price."""

    words: str = Field(description="Text in the shop's language.")


class QuoteLineView(BaseModel):
    """The price of one picture."""

    task_id: str
    minimum: Money
    maximum: Money
    factors: list[FactorView] = Field(description="Factors of the price.")


class QuoteView(BaseModel):
    """The latest quote, with the bot's texts for it."""

    version: int
    minimum: Money
    maximum: Money
    currency: str
    fixed: bool = Field(description="Whether the price was set by hand.")
    lines: list[QuoteLineView] = Field(description="One line per picture.")
    hint: str = Field(description="Instructions for the bot to phrase the price itself.")
    fallback_text: str = Field(description="Text to say otherwise.")


class PictureView(BaseModel):
    """A picture of an order."""

    task_id: str
    number: int = Field(description="Number of the picture, from 1.")
    status: Status
    label: str
    operation: Operation | None = None
    requirements: list[str]
    customer_notes: str
    score: int | None = Field(default=None, description="Score of the quality check, 0 to 100.")
    retries: int = Field(description="Attempts beyond the first in each round.")
    revisions: int = Field(description="Revision rounds requested by the customer.")
    error: str | None = Field(default=None, description="Why it is stuck.")
    original_url: str | None = None
    preview_url: str | None = Field(default=None, description="Preview, once the customer was shown it.")
    result_url: str | None = Field(default=None, description="Finished file, once delivered.")
    started_at: datetime | None = None
    completed_at: datetime | None = None


class OrderView(OrderSummary):
    """The state of an order, with quote and pictures."""

    customer_name: str
    quote: QuoteView | None = None
    pictures: list[PictureView]


class OrderPage(BaseModel):
    """A page of a customer's orders, newest first."""

    orders: list[OrderSummary]
    next: str | None = Field(default=None, description="`cursor` for the next page; null on the last page.")


class ChangeView(BaseModel):
    """A change of a picture's requirements or operation, made or refused."""

    task_id: str
    change_type: str = Field(description="add_note, modify_operation or add_requirement.")
    refused: bool
    old_value: str = Field(description="Previous value; 无 if there was none.")
    new_value: str
    changed_at: datetime
    changed_by: str = Field(description="customer or staff.")
    reason: str = Field(description="Why staff changed a paid picture, or why it was refused; in the shop's language.")


class Changes(BaseModel):
    """The changes of an order, newest first."""

    changes: list[ChangeView]


class JournalLine(BaseModel):
    """A line of an order's journal: what happened, when, by whom."""

    serial: int
    at: datetime
    what: str
    by: str
    task_id: str | None
    words: str = Field(description="The line as text.")
    facts: dict[str, Any]


@dataclass(frozen=True)
class Views:
    """Builds the response models, with links and texts."""

    links: DownloadLinks
    phrases: Phrasebook
    workflow_url: Callable[[str], str]
    language: Language = "zh"  # of the staff

    def summary(self, row: RowMapping) -> OrderSummary:
        """Return an order without its pictures."""
        return OrderSummary(**self._facts(row))

    def order(self, found: OnRecord) -> OrderView:
        """Return an order with quote and pictures."""
        pictures = [self._picture(found.order["order_id"], row) for row in found.pictures]
        name = next((row["customer_name"] for row in found.pictures), "")
        quote = found.order["quote"] and self._quote(Quote.model_validate(found.order["quote"]))
        return OrderView(**self._facts(found.order) | {"customer_name": name, "quote": quote, "pictures": pictures})

    def begun(self, listed: Listed) -> OrderView:
        """Return an order that is in Temporal but not in the tables yet, as no worker has written its first rows."""
        status = Status(listed.status or Status.PENDING)  # optional for orders started over Temporal directly
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
        """Return the download link of a file; None without a key."""
        return self.links.url(key, key.rpartition("/")[2]) if key else None

    def line(self, entry: JournalEntry) -> JournalLine:
        """Return the view of a journal line."""
        return JournalLine(words=journal.words(entry, self.language), **entry.model_dump(exclude={"event_id"}))


SAME = ("task_id", "operation", "requirements", "customer_notes", "started_at", "completed_at")  # copied from the row


def changes(rows: Sequence[RowMapping]) -> Changes:
    """Return the changes in these rows."""
    return Changes(changes=[ChangeView(**row) for row in rows])
