"""The state of an order: pictures, money, pending messages and the journal."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from domain.bounds import budgets
from domain.order import label_waiver
from domain.order.lineup import Lineup
from domain.order.picture import Picture
from domain.texts.catalogue import Language
from domain.texts.phrase import Value, for_facts, value_of
from domain.vocabulary import money
from domain.vocabulary.costs import Spent
from domain.vocabulary.errors import IllegalMove
from domain.vocabulary.money import Fixed, Hold, Payment, Quote, Refund
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import AWAITING_REFUND, GONE, LEAST_ADVANCED_FIRST, MOVES, Status
from domain.vocabulary.trail import Change, ChangeType, Early, JournalEntry, Notice, Outgoing, Posting

USUAL_RULES = ShopRules()

# What the workflow keeps once it is reported; the database holds all.
JOURNAL_LENGTH = 40  # lines of the audit trail
CHANGES_LENGTH = 50  # changes to the request


class Order(BaseModel):
    """The whole state of an order workflow."""

    order_id: str
    customer_id: str
    customer_name: str = ""
    acc_id: str = ""
    acc_type: str = "AliWorkbench"
    owner: str | None = None
    created_at: datetime
    rules: ShopRules | None = None  # as they were when the first picture arrived; later settings do not apply
    lineup: Lineup = Field(default_factory=Lineup)  # the shop's models, as last reported by a worker
    version: int = 0
    pictures: list[Picture] = Field(default_factory=list)
    quotes: list[Quote] = Field(default_factory=list)
    payments: list[Payment] = Field(default_factory=list)
    refunds: list[Refund] = Field(default_factory=list)
    fixed: Fixed | None = None  # the price that somebody set last
    hold: Hold | None = None  # staff have to check the payment first
    is_released: bool = False  # staff, or their silence, accepted a flagged payment
    is_refund_open: bool = False  # money was refunded: no new work until staff resume the order
    early: list[Early] = Field(default_factory=list)  # messages about pictures that have not arrived yet
    no_room: list[str] = Field(default_factory=list)  # refusals over limits that staff were told of
    changes: list[Change] = Field(default_factory=list)  # to the request: the last ones, and all unreported ones
    consents: dict[str, str] = Field(default_factory=dict)  # by kind, in the customer's words
    email: str | None = None
    refused_email: str | None = None  # the last one that the mail server rejected
    known_email: str | None = None  # from the customer's profile: offered, never used without asking
    is_known_email_offered: bool = False
    address_asked: bool = False
    asked_about: list[str] = Field(default_factory=list)  # the results that the customer was asked to look at
    links_offered: bool = False  # download links were sent in the chat; opening one accepts the files
    opened_link: str = ""  # the key of a file downloaded by its link while the order was held
    unplaced_wish: str | None = None  # a requested change, until the customer says to which picture
    objections: list[str] = Field(default_factory=list)  # leave, complaint, person: somebody has to reply first
    objected_at: datetime | None = None  # the last time
    deliveries: int = 0
    letters: int = 0  # the number of the last e-mail; unsent ones count as well
    posting: Posting | None = None
    resend: bool = False  # the files were requested again
    email_status: Literal["", "sent", "refused"] = ""
    is_letter_broken: bool = False  # a bug prevented it; another address or a resend tries again
    mail_trouble: str = ""  # the address of an e-mail that the mail server did not accept
    mail_trouble_told: str = ""  # the same, of the last one that staff were told of
    waits_for: str = ""  # what the customer has to do next
    waits_since: datetime | None = None
    reminders: int = 0  # sent during this wait
    is_shipping_told: bool = False  # delivered after that reminder: staff were told to mark it as shipped
    is_shipping_due_told: bool = False  # staff were reminded to mark the platform's order as shipped
    is_closed_told: bool = False  # the customer was told that the shop is closed now
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    ended: Status | None = None  # of an order without live pictures: declined, cancelled, expired
    finished_at: datetime | None = None  # when after-care began
    is_over: bool = False  # after-care has ended
    needs_since: dict[str, datetime] = Field(default_factory=dict)  # what it needs of staff, by name
    broken_waits: list[str] = Field(default_factory=list)  # deadlines disabled by a bug
    last_bug: str = ""
    broken_report: int = 0  # the serial at which a report was given up; it is retried with the next event
    outbox: list[Outgoing] = Field(default_factory=list)
    notices: list[Notice] = Field(default_factory=list)  # for staff
    journal: list[JournalEntry] = Field(default_factory=list)  # the last lines of the audit trail
    serial: int = 0  # numbers messages and journal lines
    reported: int = 0  # the serial up to which everything was reported
    _serial_along: int = 0  # the serial up to which the work on a picture carries a report

    @property
    def is_label_waived(self) -> bool:
        """Whether files leave without the visible AI label."""
        return label_waiver.is_waived(self.consents)

    @property
    def live(self) -> list[Picture]:
        """The pictures that are still part of the order: not declined, cancelled or expired."""
        return [picture for picture in self.pictures if picture.status not in GONE]

    @property
    def status(self) -> Status:
        """The status of the least advanced picture."""
        if self.live:
            return min((picture.status for picture in self.live), key=LEAST_ADVANCED_FIRST.index)
        return self.ended or (Status.PAID if self.paid_at else Status.PENDING)

    @property
    def label(self) -> str:
        """The Chinese name of the status; a refund that is due takes precedence."""
        return AWAITING_REFUND if self.is_refund_due else self.status.label

    @property
    def shown_status(self) -> str:
        """The same as a key of the table of statuses."""
        return "awaiting_refund" if self.is_refund_due else self.status

    @property
    def is_refund_due(self) -> bool:
        """Whether the order is off and its payment has not been refunded yet."""
        return self.status in GONE and self.is_refund_owed

    @property
    def is_refund_owed(self) -> bool:
        """Whether the shop may still hold money of the customer."""
        return money.is_owed(self.payments, self.refunds)

    @property
    def quote(self) -> Quote | None:
        """The last quote."""
        return self.quotes[-1] if self.quotes else None

    def quote_at(self, moment: datetime) -> Quote | None:
        """Return the quote that a payment at this time is for: the last one before it, else the first one."""
        told = [quote for quote in self.quotes if quote.quoted_at <= moment]
        return (told or self.quotes[:1])[-1] if self.quotes else None

    @property
    def known_rules(self) -> ShopRules:
        """The rules of the order; the defaults until its first picture was analysed."""
        return self.rules or USUAL_RULES

    @property
    def language(self) -> Language:
        """The language of the staff."""
        return self.known_rules.language

    @property
    def currency(self) -> str:
        """The currency of the quote, else of the price list."""
        return self.quote.currency if self.quote else self.known_rules.prices.currency

    @property
    def amount_paid(self) -> Decimal:
        """The total paid in the order's currency; payments in other currencies are only recorded."""
        return sum((paid.amount for paid in self.payments if paid.currency == self.currency), Decimal(0))

    @property
    def amount_refunded(self) -> Decimal:
        """The total refunded in the order's currency."""
        return sum((refund.amount for refund in self.refunds if refund.currency == self.currency), Decimal(0))

    @property
    def high_value(self) -> bool:
        """Whether the order takes priority and staff are told of it."""
        return self.quote is not None and self.quote.high_value

    def picture(self, task_id: str) -> Picture:
        """Return the picture of this task. Raises KeyError if there is none."""
        for picture in self.pictures:
            if picture.task_id == task_id:
                return picture
        raise KeyError(task_id)

    def with_status(self, *statuses: Status) -> list[Picture]:
        """Return the pictures with one of these statuses."""
        return [picture for picture in self.pictures if picture.status in statuses]

    @property
    def spent(self) -> Spent:
        """The cost of the model calls so far, of all pictures that ever were part of the order."""
        return sum((picture.spent for picture in self.pictures), Spent())

    @property
    def margin(self) -> Decimal:
        """Payments minus refunds and model costs; negative for a loss."""
        return self.amount_paid - self.amount_refunded - self.spent.cost

    def move(self, pictures: Iterable[Picture], status: Status, now: datetime, by: str = "darkroom") -> None:
        """Change the status of pictures. Raises IllegalMove if `MOVES` does not allow it."""
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
            event_id=f"{self.order_id}-E{serial}",
            serial=serial,
            at=now,
            what=what,
            by=by,
            task_id=task_id,
            facts=for_facts(facts),
        )
        self.journal.append(entry)

    def say(self, phrase: str, now: datetime, **values: Value) -> None:
        """Queue a text message to the customer, by the key of its phrase."""
        self._send(now, kind="text", phrase=phrase, values=values)

    def show(self, image_key: str, now: datetime, *, number: int = 0, held_until: datetime | None = None) -> None:
        """Queue an image for the customer, in front of queued ones with a greater number."""
        self._send(now, kind="image", image_key=image_key, number=number, held_until=held_until)
        shown = self.outbox.pop()
        later = (place for place, other in enumerate(self.outbox) if other.kind == "image" and other.number > number)
        self.outbox.insert(next(later, len(self.outbox)), shown)

    def link(self, phrase: str, links: dict[str, str], now: datetime, sizes: dict[str, int] | None = None) -> None:
        """Queue download links: keys of files by the names they are saved under, and their sizes in bytes."""
        self._send(now, kind="link", phrase=phrase, links=links, sizes=sizes or {})

    def tell_staff(
        self, phrase: str, now: datetime, *, task_id: str | None = None, picture: str = "", **values: object
    ) -> None:
        """Queue a notice to staff with the order, customer and shop; `picture` is the key of an image to link."""
        about = {"order": self.order_id, "customer": self.customer_name or self.customer_id, "shop": self.acc_id or "-"}
        about |= {"number": task_id.rpartition("_")[2]} if task_id else {}
        serial = self._next_serial()
        texts = about | {name: value_of(value) for name, value in values.items()}
        self.notices.append(
            Notice(
                notice_id=f"{self.order_id}-S{serial}",
                serial=serial,
                phrase=phrase,
                values=texts,
                files={"picture": picture} if picture else {},
            )
        )
        self.note("staff_told", now, task_id=task_id, phrase=phrase)

    def change(self, task_id: str, kind: ChangeType, old: str, new: str, now: datetime, **facts: str) -> None:
        """Record a change of the request, or its refusal. `facts`: by, reason, refused."""
        serial = self._next_serial()
        change = Change.model_validate({
            "change_id": f"{self.order_id}-C{serial}", "serial": serial, "task_id": task_id, "change_type": kind,
            "old": old, "new": new, "at": now, **facts,
        })  # fmt: skip
        self.changes.append(change)
        happened = "change_refused" if change.refused else "changed"
        shown = {"old": old[: budgets.SHOWN], "new": new[: budgets.SHOWN]}
        self.note(happened, now, by=change.by, task_id=task_id, what_changed=kind, **shown, **_said(change))

    def hint(self, phrase: str, fallback: str, now: datetime, **values: Value) -> None:
        """Queue a hint: the bot words the message itself; `fallback` is the phrase sent if it cannot."""
        self._send(now, kind="hint", phrase=phrase, fallback=fallback, values=values)

    def hint_along(self, task_id: str, phrase: str, fallback: str, now: datetime, **values: Value) -> None:
        """Queue a hint that the work on a picture delivers, unless other messages need a report anyway."""
        carried_by = "" if self.outbox else task_id
        self._send(now, kind="hint", phrase=phrase, fallback=fallback, values=values, carried_by=carried_by)

    def number(self, picture: Picture) -> int:
        """Return the number of a picture within the order, from 1."""
        return self.pictures.index(picture) + 1

    def shown_number(self, picture: Picture) -> int:
        """Return the number that customers see, or 0 if the order has only this picture."""
        return self.number(picture) if len(self.pictures) > 1 else 0

    @property
    def has_unreported(self) -> bool:
        """Whether something happened that has not been reported yet."""
        return self.serial > self.reported

    def next_report(self, most: int = budgets.PAYLOAD, *, is_silent: bool = False) -> "Order":
        """Return a copy of the order to report next: a new version, reduced to what the rows need.

        It shares its parts with the order, so it must be passed on before the order changes, and not be changed itself.
        It holds as many of the unreported lines as fit into `most` bytes; its `serial` is that of the last one. A
        silent report is for the rows alone and carries no messages, so these take no room from it.
        """
        self.version += 1
        bare: dict[str, Any] = {"journal": [], "changes": [], "outbox": [], "notices": [], "early": []}
        bare |= {"quotes": self.quotes[-1:]}
        told = self.model_copy(update=bare | {"pictures": [picture.for_rows() for picture in self.pictures]})
        unreported = [line for line in self.unreported if not (is_silent and isinstance(line, Outgoing))]
        lines, are_all = budgets.portion(unreported, most - budgets.size(told) - budgets.MARGIN)
        told.serial = self.serial if are_all else lines[-1].serial
        told.journal = [entry for entry in self.journal if self.reported < entry.serial <= told.serial]
        told.changes = [change for change in self.changes if self.reported < change.serial <= told.serial]
        told.outbox = [] if is_silent else [one for one in self.outbox if one.serial <= told.serial]
        return told

    def report_along(self) -> "Order | None":
        """Return the report to send along with the work on a picture; None if all of it is reported or on its way."""
        if self.serial <= max(self.reported, self._serial_along):
            return None
        news = self.next_report(budgets.REPORT_ALONG, is_silent=True)
        self._serial_along = news.serial
        return news

    def mark_report_lost(self) -> None:
        """Note that a report sent along may not have arrived, so that it is sent again."""
        self._serial_along = 0

    @property
    def has_report_backlog(self) -> bool:
        """Whether so much is unreported that no more signals are read until it is reported.

        Never while nothing has happened since a report was given up: that one may not go through for long.
        """
        lines = [line for line in self.unreported if not isinstance(line, Outgoing)]
        return self.serial > self.broken_report and budgets.sizes(lines) > budgets.UNREPORTED

    @property
    def unreported(self) -> list[JournalEntry | Change | Outgoing]:
        """Everything not reported yet: journal lines, changes and messages."""
        lines: list[JournalEntry | Change] = [*self.journal, *self.changes]
        return [*(line for line in lines if line.serial > self.reported), *self.outbox]

    def mark_carried(self, task_id: str, *, is_told: bool) -> None:
        """Remove the messages that the work on a picture has delivered, or leave them to the next report."""
        if is_told:
            self.outbox = [message for message in self.outbox if message.carried_by != task_id]
        for message in self.outbox:
            message.carried_by = "" if message.carried_by == task_id else message.carried_by

    def mark_told(self, serial: int) -> None:
        """Note that rows are written and messages sent up to a serial."""
        self.outbox = [message for message in self.outbox if message.serial > serial]
        self.mark_written(serial)

    def mark_written(self, serial: int) -> None:
        """Note that rows are written up to a serial, and drop old lines."""
        self.reported = max(serial, self.reported)
        self.journal = budgets.kept(self.journal, self.reported, JOURNAL_LENGTH, budgets.KEPT_JOURNAL)
        self.changes = budgets.kept(self.changes, self.reported, CHANGES_LENGTH, budgets.KEPT_CHANGES)

    def _send(self, now: datetime, **message: Any) -> None:
        serial = self._next_serial()
        outgoing = Outgoing(message_id=f"{self.order_id}-M{serial}", serial=serial, **message)
        self.outbox.append(outgoing)
        self.note("told", now, message_id=outgoing.message_id, phrase=outgoing.phrase or outgoing.kind)

    def _next_serial(self) -> int:
        self.serial += 1
        return self.serial


def _said(change: Change) -> dict[str, str]:
    return {name: value for name, value in {"reason": change.reason, "refused": change.refused}.items() if value}
