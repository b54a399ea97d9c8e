"""What must hold when a world has settled. It knows money, words and effects; it knows nothing of orders' rules."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from domain.designers.dispatch import DispatchState
from domain.order.order import Order
from domain.order.unsent import PRICES
from domain.story import details
from domain.vocabulary.status import MOVES
from domain.vocabulary.trail import JournalEntry
from tests.anything import Books
from tests.shop import FakeShop
from tests.simulation.runs import Violation
from tests.simulation.server import Server


@dataclass
class Deeds:
    """What people did, and were told of it at once."""

    books: Books = field(default_factory=Books)
    late: int = 0  # events that came after the end
    replies: int = 0  # in answers to updates, which the bot passes on
    tried: list[str] = field(default_factory=list)  # staff who acted on the board, each once
    acted: list[str] = field(default_factory=list)  # those whose action was accepted


def judge(order: Order, deeds: Deeds, shop: FakeShop, server: Server) -> None:
    """Check everything. Raises Violation with the first thing that does not hold."""
    _money(order, deeds.books)
    _words(order, deeds.books, shop)
    _staff(deeds, shop)
    _letters(order, shop)
    _messages(shop, deeds.replies)
    _rows(order, shop)
    _moves(shop)
    _designers(order, shop, server)
    _news(shop, server)
    _late(deeds.late, shop)
    _files(order, shop)
    _nothing_waits(order, server)


def _must(holds: object, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)


def _money(order: Order, books: Books) -> None:
    paid = {payment.payment_id: payment.amount for payment in order.payments}
    _must(books.paid.items() <= paid.items(), f"payments lost or changed: sent {books.paid}, on record {paid}")
    _must(len(paid) == len(order.payments), "a payment is on record twice")
    refunds = [refund.refund_id for refund in order.refunds]
    _must(books.refunds <= set(refunds), f"refunds lost: sent {books.refunds}, on record {refunds}")
    _must(len(set(refunds)) == len(refunds), "a refund is on record twice")
    _must(all(moved.amount >= 0 for moved in (*order.payments, *order.refunds)), "a negative amount is on record")


def journal(shop: FakeShop) -> list[JournalEntry]:
    """All lines of the audit trail that were written."""
    return list({line.event_id: line for saved in shop.records.saved for line in saved.journal}.values())


def _words(order: Order, books: Books, shop: FakeShop) -> None:
    lines = journal(shop)
    wrong = [line.facts for line in lines if line.what == "unexpected_error"]
    _must(not wrong, f"an unexpected error: {wrong}")
    said = Counter(line.facts["text"] for line in lines if line.what == "customer_said")
    _must(said == Counter(books.said), f"words lost or doubled: sent {Counter(books.said)}, on record {said}")
    _must({line.serial for line in lines} <= set(range(1, order.serial + 1)), "a line of the trail has no place")


def _staff(deeds: Deeds, shop: FakeShop) -> None:
    """Each action that was accepted is on record once, with who did it."""
    recorded = Counter(line.facts["who"] for line in journal(shop) if line.what == "staff_acted")
    lost = set(deeds.acted) - set(recorded)
    _must(not lost, f"actions of staff that are on no record: {sorted(lost)}")
    _must(set(recorded) <= set(deeds.tried), "an action on record that nobody did")
    _must(not recorded or max(recorded.values()) == 1, f"an action of staff is on record twice: {recorded}")


def _letters(order: Order, shop: FakeShop) -> None:
    """Each number is one letter, whatever dies: a repeat has the same Message-ID, recipient and files."""
    sent = {letter.message_id: letter for letter in shop.mail.letters}
    for letter in shop.mail.letters:
        same = sent[letter.message_id]
        _must((letter.to, letter.subject) == (same.to, same.subject), "one Message-ID for two different letters")
    lines = journal(shop)
    known = {line.facts["message_id"] for line in lines if line.what == "mailed"}
    known |= {message_id(order, line.facts["number"]) for line in lines if line.what == "letter_called_off"}
    _must(set(sent) <= known, f"letters that are on no record: {sorted(set(sent) - known)}")
    _must(order.deliveries <= len(sent), f"{order.deliveries} deliveries on record, {len(sent)} letters sent")


def message_id(order: Order, number: int) -> str:
    """The Message-ID of a letter, whatever dies before it is out."""
    return f"<{order.order_id}.{number}@darkroom.example>"


def _messages(shop: FakeShop, replies: int) -> None:
    """Whatever the record says that the customer was told, the customer was told, and nothing else.

    A message that is repeated before it is sent is sent once, and of several new prices the last. The answer to an
    update may carry one, which the bot passes on.
    """
    told = {line.facts["message_id"]: line for line in journal(shop) if line.what == "told"}
    sent = {message_id.removesuffix("-number") for message_id in shop.chat.sent}  # a picture and its number are one
    sent = {one for one in sent if not one.startswith("dispatch-")}  # answers to searches, which have no order
    _must(sent <= set(told), f"messages that are on no record: {sorted(sent - set(told))}")
    lost = [
        line
        for name, line in told.items()
        if name not in sent
        and not any(_topic(told[one]) == _topic(line) and told[one].serial > line.serial for one in sent)
    ]
    _must(len(lost) <= replies, f"messages never reached the customer: {[line.facts for line in lost]}")


def _topic(line: JournalEntry) -> str:
    phrase = str(line.facts["phrase"])
    return "price" if phrase in PRICES else phrase


def _rows(order: Order, shop: FakeShop) -> None:
    _must(shop.records.saved, "no row was ever written")
    last = max(shop.records.saved, key=lambda saved: saved.version)
    for name in ("status", "amount_paid", "amount_refunded", "email"):
        _must(
            getattr(last, name) == getattr(order, name),
            f"the rows say {name}={getattr(last, name)}, the order {getattr(order, name)}",
        )


def _moves(shop: FakeShop) -> None:
    """No picture goes where MOVES does not let it; rows may skip what happened between two reports."""
    for before, after in pairwise(sorted(shop.records.saved, key=lambda saved: saved.version)):
        then = {picture.task_id: picture.status for picture in before.pictures}
        for picture in after.pictures:
            start = then.get(picture.task_id, picture.status)
            _must(_is_reachable(start, picture.status), f"{picture.task_id} went from {start} to {picture.status}")


def _is_reachable(start: Any, end: Any) -> bool:
    reached, more = {start}, {start}
    while more:
        more = {move for status in more for move in MOVES[status]} - reached
        reached |= more
    return end in reached


def _designers(order: Order, shop: FakeShop, server: Server) -> None:
    """A dispatch that has ended leaves no open task behind, and none has two."""
    if shop.designers is None:
        return
    open_tasks = {task_id for task_id, task in shop.designers.tasks.items() if not task.is_finished}
    watched = set(shop.roster.opened_as.values())
    closed = {name for name, run in server.runs.items() if run.kind == "DispatchWorkflow" and run.is_closed}
    left = {task for name, task in shop.roster.opened_as.items() if name in closed} & open_tasks
    _must(not left, f"tasks that nobody watches any more are open in the dispatch system: {sorted(left)}")
    _must(open_tasks <= watched | {""}, f"tasks that are on no record: {sorted(open_tasks - watched)}")


def _news(shop: FakeShop, server: Server) -> None:
    """What a dispatch knows of a result, its order has heard, unless the order had closed."""
    heard = {line.what for line in journal(shop)} & {"result_offered", "result_not_taken"}
    for name, run in server.runs.items():
        if name.startswith("dispatch-TASK_"):
            dispatch = run.ask("dispatch", DispatchState)
            _must(not dispatch.is_shown or heard, f"the order never heard of the result of {name}")


def _late(late: int, shop: FakeShop) -> None:
    kept = len(shop.records.late)
    _must(kept == late, f"{late} events came too late, {kept} are on record")


def _files(order: Order, shop: FakeShop) -> None:
    named = [
        picture.result.file.key for picture in order.pictures if picture.result
    ] + [picture.original.key for picture in order.pictures if picture.original]  # fmt: skip
    missing = [key for key in named if key not in shop.files.stored]
    _must(not missing, f"files that are on record and not in storage: {missing}")


def _nothing_waits(order: Order, server: Server) -> None:
    """What is left open waits for people, and says so; everything else has come to an end."""
    _must(not order.outbox and not order.notices, "messages were never sent")
    for name, run in server.runs.items():
        if run.is_closed:
            continue
        is_order = run.kind == "OrderWorkflow"
        _must(is_order and details.waits_for(order), f"{name} is stuck: nothing is due and nobody is asked")
