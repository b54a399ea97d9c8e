"""The books of everybody who saw an order: customers, staff, designers, providers, the mailbox, storage, the tables."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from domain.order.order import Order
from domain.vocabulary import ids
from runtime import wiring
from tests.integration.orders.conftest import RealOrder, RealShop, eventually

MOST_FILES = 1000
TITLE = re.compile(r"\*\*(.+?)\*\*")  # of a notice; several may be in one message


@dataclass(frozen=True)
class Books:
    """What is on record of an order, without what differs from order to order."""

    status: str
    paid: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)  # to the customer, repeats of an id dropped as the bot does
    staff: Counter[str] = field(default_factory=Counter)
    letters: list[dict[str, Any]] = field(default_factory=list)
    designers: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    journal: Counter[str] = field(default_factory=Counter)
    billed: int = 0  # pictures, by a provider
    calls: list[tuple[str, bool]] = field(default_factory=list)  # for pictures, on our ledger; whether possibly billed


async def settled(shop: RealShop, order: RealOrder) -> Order:
    """Wait until nobody is at work on an order, its dispatch or its late events; return it."""
    told = await order.until(lambda o: not o.notices)
    await eventually(lambda: _at_work(shop, order.order_id.removeprefix("ORDER_")), lambda found: not found)
    return told


async def _at_work(shop: RealShop, core: str) -> list[str]:
    """Return the activities that are begun, or wait for a worker or a retry."""
    return [
        activity.activity_type.name
        async for workflow in shop.client.list_workflows("ExecutionStatus = 'Running'")
        if core in workflow.id
        for activity in (
            await shop.client.get_workflow_handle(workflow.id).describe()
        ).raw_description.pending_activities
    ]


async def opened(shop: RealShop, order: RealOrder) -> Books:
    """Read the books of an order."""
    told = await settled(shop, order)
    original = told.pictures[0].original
    assert original is not None
    by_id = {"id": order.order_id}
    payments = await shop.rows("SELECT * FROM payments WHERE order_id = :id", **by_id)
    journal = await shop.rows("SELECT what FROM order_events WHERE order_id = :id", **by_id)
    shown = await shop.ledger("bot", customer=order.customer_id, repeat="False")
    assert len({message["message_id"] for message in shown}) == len(shown)
    tasks = await shop.ledger("tuhui", order=ids.task_id(order.order_id, 1))
    return Books(
        status=told.status,
        paid={row["payment_id"]: str(row["amount"]) for row in payments},
        shown=[_anonymous(f"{one['kind']}: {one.get('content') or one['system_hint']}", order) for one in shown],
        staff=Counter(title for told in await shop.staff_read(order.order_id) for title in TITLE.findall(told)),
        letters=await shop.ledger("mailbox", order=order.order_id),
        designers=[entry["kind"] for entry in tasks],
        files=await _files(shop, order),
        calls=[(call["outcome"], call["possibly_billed"]) for call in await order.calls()],
        journal=Counter(row["what"] for row in journal),
        billed=len(await shop.ledger("gemini", kind="image", billed="True", input_sha256=original.sha256)),
    )


async def _files(shop: RealShop, order: RealOrder) -> list[str]:
    folder = f"task-history/{order.customer_id}/{ids.task_id(order.order_id, 1)}"
    found = await wiring.files(shop.settings).page(folder, "", MOST_FILES)
    return sorted(file.key.removeprefix(folder) for file in found)


def _anonymous(text: str, order: RealOrder) -> str:
    """Leave out ids and links, which differ from order to order."""
    words = re.sub(r"https?://\S+", "URL", text)
    for name in (order.order_id, order.order_id.removeprefix("ORDER_"), order.customer_id, order.customer_id[-4:]):
        words = words.replace(name, "ID")
    return re.sub(r"\d{2}:\d{2}", "TIME", words)


def assert_nothing_lost(usual: Books, found: Books) -> None:
    """Compare with the books of an undisturbed order: what nobody can know of may have happened twice.

    A call to a model that is repeated is on our ledger; a letter that is sent again has the same Message-ID; staff may
    be told of the trouble.
    """
    assert found.status == usual.status
    assert found.paid == usual.paid
    assert found.shown == usual.shown
    assert found.files == usual.files
    assert found.designers == usual.designers
    assert usual.billed <= found.billed <= len(found.calls)
    assert len({letter["message_id"] for letter in found.letters}) == len(usual.letters)
    assert set(usual.staff) <= set(found.staff)
