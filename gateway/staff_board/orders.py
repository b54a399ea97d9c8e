"""An order as its page shows it: pictures with their attempts side by side, money, designers and the timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from adapters.db.board import BoardOrder
from adapters.storage.links import ImageLinks
from domain.order import journal
from domain.texts.catalogue import TEXTS, Language
from domain.texts.phrase import said
from domain.vocabulary import ids
from domain.vocabulary.money import Quote, span
from domain.vocabulary.trail import JournalEntry

SHOWN_BY_BROWSERS = (".jpg", ".jpeg", ".png", ".webp")
OF_THE_CUSTOMER = {"customer_said", "told", "picture_received", "objected", "address_given", "objection_answered"}


@dataclass(frozen=True)
class Image:
    """Addresses of an image: a thumbnail, one that browsers can show, and the file itself."""

    thumb: str
    view: str
    file: str


@dataclass(frozen=True)
class Attempt:
    """One call to a model, and the files that came of it."""

    call: Mapping[str, Any]
    files: Sequence[tuple[Image, Mapping[str, Any]]]

    @property
    def checks(self) -> list[str]:
        """The measurements of the check of its best file: name and value."""
        facts: Mapping[str, Any] = next((file["facts"] for _, file in self.files if file["facts"]), {})
        return [f"{name}: {value}" for name, value in facts.items() if isinstance(value, int | float)]


@dataclass(frozen=True)
class Picture:
    """A picture of an order."""

    row: Mapping[str, Any]
    number: int
    original: Image | None
    result: Image | None
    attempts: Sequence[Attempt]


@dataclass(frozen=True)
class Line:
    """A line of the timeline."""

    serial: int
    at: datetime
    by: str
    words: str
    is_conversation: bool
    what: str


@dataclass(frozen=True)
class Price:
    """What a version of the quote asks for a picture, and why; factors that the version before lacks are new."""

    span: str
    factors: Sequence[tuple[str, bool]]  # words, and whether they are new


@dataclass(frozen=True)
class QuoteVersion:
    """A version of the quote."""

    version: int
    at: datetime
    total: str
    fixed: str  # why somebody set the price; empty if it is that of the price list
    prices: Mapping[int, Price]  # by the number of the picture


@dataclass(frozen=True)
class Page:
    """What the page of an order shows."""

    order: Mapping[str, Any]
    pictures: Sequence[Picture]
    lines: Sequence[Line]
    quotes: Sequence[QuoteVersion]  # the latest versions, oldest first
    payments: Sequence[Mapping[str, Any]]
    dispatches: Sequence[Mapping[str, Any]]
    cost: Decimal

    @property
    def margin(self) -> Decimal:
        """Payments minus refunds and the costs of models."""
        return Decimal(self.order["amount_paid"] - self.order["amount_refunded"]) - self.cost

    @property
    def quoted_pictures(self) -> list[int]:
        """The numbers of the pictures that any of the quotes has a price of."""
        return sorted({number for quote in self.quotes for number in quote.prices})

    @property
    def last_serial(self) -> int:
        """The serial of the last line, to tell later what is new since then."""
        return self.lines[-1].serial if self.lines else 0

    @property
    def customer_name(self) -> str:
        """The name of the customer."""
        return next((str(one.row["customer_name"]) for one in self.pictures if one.row["customer_name"]), "")


def page(found: BoardOrder, links: ImageLinks, language: Language) -> Page:
    """Return the page of an order."""
    return Page(
        order=found.order,
        pictures=[_picture(row, found.calls, links) for row in found.pictures],
        lines=[_line(row, language) for row in found.events],
        quotes=_quotes([Quote.model_validate(row["quote"]) for row in found.quotes], language),
        payments=found.payments,
        dispatches=found.dispatches,
        cost=Decimal(found.cost),
    )


def image(key: str | None, links: ImageLinks, shown: str | None = None) -> Image | None:
    """Return the addresses of an image in storage; `shown` is the key of a copy that browsers can show."""
    if not key:
        return None
    view = key if PurePosixPath(key).suffix.lower() in SHOWN_BY_BROWSERS else shown or key
    return Image(_path(links.url(view, is_small=True)), _path(links.url(view)), _path(links.url(key)))


def _picture(row: Mapping[str, Any], calls: Sequence[Mapping[str, Any]], links: ImageLinks) -> Picture:
    original, result = row["original_image"], row["result_image"]
    return Picture(
        row=row,
        number=int(row["task_id"].rpartition("_")[2]),
        original=image(original, links, original and ids.web_of(original)),
        result=image(result, links, result and ids.preview_of(result)),
        attempts=[_attempt(call, links) for call in calls if call["image_task_id"] == row["task_id"]],
    )


def _attempt(call: Mapping[str, Any], links: ImageLinks) -> Attempt:
    files = [(image(file["key"], links, ids.preview_of(file["key"])), file) for file in call["files"] or ()]
    return Attempt(call, [(shown, file) for shown, file in files if shown])


def _line(row: Mapping[str, Any], language: Language) -> Line:
    entry = JournalEntry.model_validate(dict(row))
    is_conversation = entry.what in OF_THE_CUSTOMER
    return Line(entry.serial, entry.at, entry.by, journal.words(entry, language), is_conversation, entry.what)


def _quotes(quotes: Sequence[Quote], language: Language) -> list[QuoteVersion]:
    """Return versions, each compared with the one before; of the first nothing is new."""
    say, found = TEXTS[language].say, list[QuoteVersion]()
    for quote in quotes:
        before = found[-1].prices if found else None
        prices = {}
        for line in quote.lines:
            number = int(line.task_id.rpartition("_")[2])
            known = {words for words, _ in before[number].factors} if before and number in before else set[str]()
            factors = [(words, before is not None and words not in known) for words in map(say, line.factors)]
            prices[number] = Price(span(line.minimum, line.maximum), factors)
        fixed = say(said("price.fixed", reason=quote.fixed.reason)) if quote.fixed else ""
        found.append(QuoteVersion(quote.version, quote.quoted_at, quote.span, fixed, prices))
    return found


def _path(url: str) -> str:
    """Return the path of a link of ours, so that it also works where the gateway has another name."""
    return urlsplit(url).path
