"""`darkroom customer export` and `forget`, on a real order: files, rows and histories."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.vocabulary.status import Status
from runtime import wiring
from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealOrder, RealShop, eventually

WORDS, ADDRESS = "把卡娜丽的脸变清晰一点", "kanari@example.com"


async def test_a_customer_is_handed_everything_and_then_forgotten(
    real_shop: RealShop, photo: bytes, tmp_path: Path
) -> None:
    worker = real_shop.start_worker(AFTERCARE_DAYS="0")
    order = await real_shop.new_order(photo, note=WORDS, customer_id="kanari-1")
    await order.is_shown()
    early = await darkroom(real_shop, "customer", "forget", "kanari-1", "--reason", "asked", "--yes")
    assert (early.status, f"order-{order.order_id}" in early.err) == (1, True), early.err
    assert "are still open" in early.err
    await order.signal("customer_message", event_id="yes", text=f"可以,{ADDRESS}")
    await order.reaches(Status.COMPLETED)
    await closed(real_shop, order)

    folder = tmp_path / "kanari"
    exported = await darkroom(real_shop, "customer", "export", "kanari-1", "--to", str(folder))
    assert exported.status == 0, exported.err
    kept = "\n".join(path.read_text() for path in folder.rglob("*.json"))
    assert WORDS in kept
    assert ADDRESS in kept
    names = {path.name for path in (folder / "pictures").rglob("*") if path.is_file()}
    assert any("original" in name for name in names)
    assert any("generated" in name for name in names)
    again = await darkroom(real_shop, "customer", "export", "kanari-1", "--to", str(folder))
    assert (again.status, "exists already" in again.err) == (2, True)

    forgotten = await darkroom(
        real_shop, "customer", "forget", "kanari-1", "--reason", "asked on the phone", "--yes", "--json"
    )
    assert forgotten.status == 0, forgotten.err
    assert forgotten.json["orders"] == 1
    (row,) = await real_shop.rows("SELECT * FROM orders WHERE order_id = :id", id=order.order_id)
    assert row["customer_id"].startswith("forgotten-")
    assert row["amount_paid"] > 0
    assert row["email"] is None
    (line,) = await real_shop.rows(
        "SELECT * FROM order_events WHERE order_id = :id AND what = 'customer_forgotten'", id=order.order_id
    )
    assert line["facts"]["reason"] == "asked on the phone"
    assert not await stored(real_shop, "kanari-1")
    await eventually(partial(is_deleted, real_shop, order))
    nothing = await darkroom(real_shop, "customer", "export", "kanari-1", "--to", str(tmp_path / "nothing"))
    assert (nothing.status, nothing.err) == (1, "darkroom: nothing is kept of kanari-1\n")
    gone = await darkroom(real_shop, "customer", "forget", "kanari-1", "--reason", "asked", "--yes")
    assert (gone.status, gone.err) == (1, "darkroom: nothing is kept of kanari-1\n")
    worker.terminate()
    worker.wait()


@pytest.mark.parametrize("reason", ["", " ", "x" * 201])
async def test_a_reason_is_short_and_not_empty(real_shop: RealShop, reason: str) -> None:
    refused = await darkroom(real_shop, "customer", "forget", "wang", "--reason", reason, "--yes")
    assert (refused.status, "--reason must have 1 to 200 characters" in refused.err) == (2, True)


async def closed(shop: RealShop, order: RealOrder) -> None:
    """Wait until lists in Temporal show that the order's workflow has ended."""

    async def running() -> list[Any]:
        query = f"WorkflowId = 'order-{order.order_id}' AND ExecutionStatus = 'Running'"
        return [one async for one in shop.client.list_workflows(query)]

    await eventually(running, lambda found: not found)


async def is_deleted(shop: RealShop, order: RealOrder) -> bool:
    """Whether Temporal, which deletes a moment later, no longer knows the order."""
    try:
        await shop.client.get_workflow_handle(f"order-{order.order_id}").describe()
    except RPCError as error:
        return error.status is RPCStatusCode.NOT_FOUND
    return False


async def stored(shop: RealShop, customer_id: str) -> list[str]:
    """The keys of the customer's files."""
    page = await wiring.files(shop.settings).page(f"task-history/{customer_id}", "", 1000)
    return [one.key for one in page]
