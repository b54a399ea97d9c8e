"""What a storm has lost, doubled or left stuck: customers' books against rows, ledgers, mailbox, storage, histories."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, combinations
from typing import Any, Literal

import httpx
from sqlalchemy import select
from temporalio.worker import Replayer

from adapters.db.models import Base
from domain.order.order import Order
from domain.order.unsent import PRICES
from domain.vocabulary import ids
from runtime import wiring
from runtime.paths import ROOT
from starter import orders
from starter.client import CONVERTER
from tests.faults.books import TITLE
from tests.faults.storm.parts import Parts
from tests.faults.storm.people import Customer
from tests.shop import WORKFLOWS

How = Literal["lost", "doubled", "stuck"]
LEDGERS = ("bot", "wecom", "tuhui", "mailbox", "gemini")
TABLES = ("orders", "image_tasks", "payments", "order_events", "dispatches", "image_generation_task")
PAGE = 1000  # files
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Trouble:
    """Something of an order that is lost, doubled or stuck."""

    order_id: str
    how: How
    what: str

    def __str__(self) -> str:
        return f"{self.order_id} {self.how}: {self.what}"


@dataclass
class Verdict:
    """All troubles, and what happened twice because nobody could know that it had happened."""

    troubles: list[Trouble] = field(default_factory=list)
    unknowable: Counter[str] = field(default_factory=Counter)
    histories: int = 0


@dataclass(frozen=True)
class Books:
    """What is on record of one order, with everybody."""

    customer: Customer
    order: Order
    rows: Mapping[str, Sequence[Entry]]
    ledgers: Mapping[str, Sequence[Entry]]

    def lines(self, what: str) -> list[Entry]:
        """The lines of the audit trail of a kind."""
        return [row for row in self.rows["order_events"] if row["what"] == what]

    @property
    def shown(self) -> list[Entry]:
        """What the customer saw, repeats dropped as the bot does."""
        return [entry for entry in self.ledgers["bot"] if not entry["repeat"]]


async def judge(parts: Parts, customers: Sequence[Customer]) -> Verdict:
    """Compare everybody's books."""
    verdict, rows, ledgers = Verdict(), await _rows(parts), await _ledgers(parts)
    for customer in customers:
        if customer.ended is None:
            verdict.troubles.append(
                Trouble(customer.order_id or customer.name, "stuck", customer.refused or str(customer.plan))
            )
            continue
        order = await orders.snapshot(parts.client, customer.order_id)
        core = customer.order_id.removeprefix("ORDER_")
        of_order = {name: [row for row in found if core in str(row)] for name, found in rows.items()}
        seen = {name: [entry for entry in found if _is_about(entry, core, customer)] for name, found in ledgers.items()}
        _compare(Books(customer, order, of_order, seen), verdict)
    _bills(rows["image_generation_task"], ledgers["gemini"], verdict)
    await _files(parts, rows, verdict)
    await _histories(parts, verdict)
    return verdict


def _is_about(entry: Entry, core: str, customer: Customer) -> bool:
    return core in str(entry) or entry.get("customer") == customer.name


def _compare(books: Books, verdict: Verdict) -> None:
    for how, what in chain(
        _money(books), _words(books), _messages(books), _letters(books), _designers(books), _notices(books),
        _calls(books), _state(books),
    ):  # fmt: skip
        verdict.troubles.append(Trouble(books.customer.order_id, how, what))
    letters = [entry["message_id"] for entry in books.ledgers["mailbox"]]
    verdict.unknowable["letters sent again, with the same Message-ID"] += len(letters) - len(set(letters))
    verdict.unknowable["messages to customers sent again, which the bot drops"] += len(books.ledgers["bot"]) - len(
        books.shown
    )
    possibly = [row for row in books.rows["image_generation_task"] if row["possibly_billed"]]
    verdict.unknowable["calls to models on record as possibly billed"] += len(possibly)
    at_once = [later for earlier, later in _made_twice(books) if later["created_at"] <= earlier["completed_at"]]
    verdict.unknowable["pictures made twice at once, as a worker was presumed dead"] += len(at_once)
    verdict.unknowable["notices to staff sent again"] += _notices_again(books)


Found = Iterable[tuple[How, str]]


def _differences(wanted: Mapping[Any, int], found: Mapping[Any, int], what: str) -> Found:
    for name in {*wanted, *found}:
        if (difference := found.get(name, 0) - wanted.get(name, 0)) != 0:
            yield ("doubled" if difference > 0 else "lost", f"{what} {name}")


def _money(books: Books) -> Found:
    for kind, wanted in (("payment", books.customer.paid), ("refund", books.customer.refunded)):
        rows = [row for row in books.rows["payments"] if row["kind"] == kind]
        found = Counter((row["payment_id"], Decimal(row["amount"])) for row in rows)
        yield from _differences(Counter(wanted.items()), found, kind)


def _words(books: Books) -> Found:
    found = Counter(line["facts"]["text"] for line in books.lines("customer_said"))
    late = [line["facts"] for line in books.lines("late_event")]
    found.update(one["payload"]["text"] for one in late if one["signal"] == "customer_message")
    yield from _differences(Counter(books.customer.said), found, "words")


def _messages(books: Books) -> Found:
    """Whatever is on record as told was shown, or replaced before it was sent; and nothing else was shown."""
    told = {line["facts"]["message_id"]: line for line in books.lines("told")}
    shown = {entry["message_id"].removesuffix("-number") for entry in books.shown}
    for name in shown - set(told):
        yield "lost", f"the record of message {name}"
    for name, line in told.items():
        replaced = any(
            _topic(told[one]) == _topic(line) and told[one]["serial"] > line["serial"] for one in shown & set(told)
        )
        if name not in shown and not replaced:
            yield "lost", f"message {name} {line['facts']['phrase']}"
    pictures, wanted = [entry for entry in books.shown if entry["kind"] == "image"], books.customer.plan.revisions + 1
    if books.customer.plan.ending != "called off":
        yield from _differences({"shown": wanted}, {"shown": len(pictures)}, "pictures")


def _topic(line: Entry) -> str:
    phrase = str(line["facts"]["phrase"])
    return "price" if phrase in PRICES else phrase


def _letters(books: Books) -> Found:
    sent = {entry["message_id"] for entry in books.ledgers["mailbox"]}
    mailed = {line["facts"]["message_id"] for line in books.lines("mailed") if line["facts"]["status"] == "sent"}
    called_off = {int(line["facts"]["number"]) for line in books.lines("letter_called_off")}
    for name in mailed - sent:
        yield "lost", f"letter {name}"
    for name in sent - mailed:
        if not any(f".{number}@" in name for number in called_off):
            yield "lost", f"the record of letter {name}"
    yield from _differences({"different": books.customer.plan.letters}, {"different": len(sent)}, "letters")


def _designers(books: Books) -> Found:
    known = {row["dispatch_task_id"] for row in books.rows["dispatches"]}
    created = {entry["task_id"] for entry in books.ledgers["tuhui"] if entry["kind"] == "create"}
    for name in created - known:
        yield "doubled", f"task {name} of designers, which is on no record"
    for row in books.rows["dispatches"]:
        if not row["closing"]:
            yield "stuck", f"{row['dispatch_id']} is not closed"


def _notices(books: Books) -> Found:
    for title in set(_titles_on_record(books)):
        if title not in _titles_read(books):
            yield "lost", f"notice {title}"


def _notices_again(books: Books) -> int:
    read, known = _titles_read(books), _titles_on_record(books)
    return sum(max(0, read[title] - count) for title, count in known.items())


def _titles_on_record(books: Books) -> Counter[str]:
    phrases = tomllib.loads((ROOT / "phrases.toml").read_text("utf-8"))
    found = (TITLE.search(phrases[line["facts"]["phrase"]]) for line in books.lines("staff_told"))
    return Counter(title[1] for title in found if title and "{" not in title[1])


def _titles_read(books: Books) -> Counter[str]:
    read = [entry["content"] for entry in books.ledgers["wecom"] if entry["errcode"] == 0]
    return Counter(title for content in read for title in TITLE.findall(content))


def _calls(books: Books) -> Found:
    """No attempt is made again once its picture is on record."""
    for earlier, later in _made_twice(books):
        if later["created_at"] > earlier["completed_at"]:
            yield "doubled", f"{later['task_id']}, though {earlier['task_id']} was made at {earlier['completed_at']}"


def _made_twice(books: Books) -> list[tuple[Entry, Entry]]:
    """All pairs of calls that have made the same attempt, the one that was begun first before the other."""
    made = [
        row for row in books.rows["image_generation_task"] if (row["kind"], row["status"]) == ("image", "completed")
    ]
    pairs = combinations(sorted(made, key=lambda row: row["created_at"]), 2)
    return [(one, two) for one, two in pairs if _attempt(one) == _attempt(two)]


def _attempt(call: Entry) -> tuple[Any, Any]:
    return call["image_task_id"], call["attempt"]


def _state(books: Books) -> Found:
    (row,) = books.rows["orders"]
    for name in ("status", "amount_paid", "amount_refunded", "email"):
        if row[name] != getattr(books.order, name):
            yield "lost", f"the rows say {name}={row[name]}, the workflow {getattr(books.order, name)}"
    if books.order.outbox or books.order.notices:
        yield "stuck", "messages that were not sent"


def _bills(calls: Sequence[Entry], ledger: Sequence[Entry], verdict: Verdict) -> None:
    """Every call that the provider bills is on our ledger, at its cost or as one that it may bill.

    A call that is still open counts at its expected cost, so it is on record, too.
    """
    ours = [row for row in calls if row["provider"] == "gemini" and row["kind"] == "image"]
    known = [row for row in ours if row["status"] != "failed" or row["possibly_billed"] or row["cost"]]
    billed = [entry for entry in ledger if entry["billed"] and entry["kind"] == "image"]
    if len(billed) > len(known):
        others = [f"{row['task_id']} {row['status']} {row['outcome']}" for row in ours if row not in known]
        told = f"{len(billed)} pictures are billed, {len(known)} on record; besides: {', '.join(others)}"
        verdict.troubles.append(Trouble("all", "lost", told))


async def _files(parts: Parts, rows: Mapping[str, Sequence[Entry]], verdict: Verdict) -> None:
    """Every file that is on record is in storage."""
    files, stored, last = wiring.files(parts.settings), set[str](), ""
    while page := await files.page(ids.HISTORY, last, PAGE):
        stored |= {file.key for file in page}
        last = page[-1].key
    for row in rows["image_tasks"]:
        for name in ("original_image", "result_image"):
            if row[name] and row[name] not in stored:
                verdict.troubles.append(Trouble(row["order_id"], "lost", f"file {row[name]}"))


async def _histories(parts: Parts, verdict: Verdict) -> None:
    """Every history replays, and no workflow has failed or is still at work."""
    replayer = Replayer(workflows=WORKFLOWS, data_converter=CONVERTER)
    histories = parts.client.list_workflows().map_histories()
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            verdict.histories += 1
            if result.replay_failure:
                name = result.history.workflow_id
                verdict.troubles.append(Trouble(order_of(name), "stuck", f"{name} replays differently"))
    async for run in parts.client.list_workflows("ExecutionStatus = 'Failed' OR ExecutionStatus = 'Terminated'"):
        verdict.troubles.append(Trouble(order_of(run.id), "stuck", f"{run.id} has failed"))


def order_of(workflow_id: str) -> str:
    """Return the order that a workflow's id names; the id itself if it names none."""
    core = re.search(r"\d{8}_[0-9A-Z]{6}", workflow_id)
    return f"ORDER_{core[0]}" if core else workflow_id


async def at_work(parts: Parts) -> list[str]:
    """Return what has not ended: activities, and workflows other than orders, which wait for their customer."""
    found: list[str] = []
    async for run in parts.client.list_workflows("ExecutionStatus = 'Running'"):
        told = await parts.client.get_workflow_handle(run.id).describe()
        pending = [one.activity_type.name for one in told.raw_description.pending_activities]
        found += [f"{run.id} {name}" for name in pending]
        if run.workflow_type != "OrderWorkflow":
            found.append(run.id)
    return found


async def _rows(parts: Parts) -> dict[str, list[Entry]]:
    engine, found = wiring.engine(parts.settings), dict[str, list[Entry]]()
    async with engine.connect() as connection:
        for name in TABLES:
            rows = await connection.execute(select(*Base.metadata.tables[name].columns))
            found[name] = [dict(row) for row in rows.mappings()]
    await engine.dispose()
    return found


async def _ledgers(parts: Parts) -> dict[str, list[Entry]]:
    async with httpx.AsyncClient(timeout=60) as http:
        return {name: (await http.get(f"{parts.simulators_url}/{name}/ledger")).json() for name in LEDGERS}


def by_fault(verdict: Verdict, under_way: Mapping[str, set[Any]]) -> dict[Any, Counter[How]]:
    """Return for each fault how many orders are in trouble that were under way when it was met."""
    counts: dict[Any, Counter[How]] = defaultdict(Counter)
    for order_id, how in {(trouble.order_id, trouble.how) for trouble in verdict.troubles}:
        for fault in under_way.get(order_id, ()):
            counts[fault][how] += 1
    return counts
