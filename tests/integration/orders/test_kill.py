"""kill -9 of the worker: the order goes on where it stood, and nothing is paid or mailed twice."""

import asyncio
from typing import Any

import wiring
from domain.order import Status
from starter import orders
from tests.integration.orders.conftest import RealOrder, RealShop


async def finish(order: RealOrder) -> None:
    await order.signal("customer_message", event_id="yes", text="可以,发到 wang@example.com")
    await order.reaches(Status.COMPLETED)


async def assert_done_once(shop: RealShop, order: RealOrder) -> None:
    letters = await shop.ledger("mailbox", order=order.order_id)
    assert len({letter["message_id"] for letter in letters}) == len(letters) == 1
    original = (await orders.snapshot(shop.client, order.order_id)).live[0].original
    assert original is not None
    billed = await shop.ledger("gemini", kind="image", input_sha256=original.sha256)
    assert len(billed) == 1
    calls = await calls_of(shop, order)
    assert len(calls) == 1
    assert calls[0]["status"] == "completed"
    assert not calls[0]["possibly_billed"]
    assert calls[0]["provider_request_id"] in {billed[0]["response_id"], None}  # None: killed before it was noted
    payments = await shop.rows("SELECT * FROM payments WHERE order_id = :id", id=order.order_id)
    assert len(payments) == 1


async def test_an_order_outlives_its_worker_while_it_waits(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    await order.until(lambda o: o.quote)
    real_shop.kill_worker()
    await order.signal("payment_received", event_id="pay", payment_id="pay-1", amount="18.00")  # nobody is there
    real_shop.start_worker()
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert [attempt.look.issue for attempt in shown.live[0].attempts if attempt.look] == [""]
    real_shop.kill_worker()
    real_shop.start_worker()
    await finish(order)
    await assert_done_once(real_shop, order)


async def test_an_attempt_whose_raw_picture_is_stored_is_not_paid_again(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", event_id="pay", payment_id="pay-1", amount="18.00")
    await raw_picture(real_shop, order)
    real_shop.kill_worker()
    real_shop.start_worker()
    await order.reaches(Status.AWAITING_CONFIRM)
    await finish(order)
    await assert_done_once(real_shop, order)


async def raw_picture(shop: RealShop, order: RealOrder) -> None:
    """Wait until the raw picture of the first attempt lies in storage, and nothing after it."""
    files = wiring.files(shop.settings)
    task = order.order_id.replace("ORDER", "TASK") + "_1"
    async with asyncio.timeout(60):
        while await files.find(f"task-history/{order.customer_id}/{task}/attempt-1.") is None:  # noqa: ASYNC110 - storage sets no event
            await asyncio.sleep(0.01)
    assert await files.find(f"task-history/{order.customer_id}/{task}/attempt-1-generated.") is None


async def test_a_call_that_was_killed_stands_there_as_possibly_billed(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", event_id="pay", payment_id="pay-1", amount="18.00")
    await opened_call(real_shop, order)
    real_shop.kill_worker()
    assert [call["status"] for call in await calls_of(real_shop, order)] == ["processing"]
    real_shop.start_worker()
    await order.reaches(Status.AWAITING_CONFIRM)
    killed, made = await calls_of(real_shop, order)
    assert (killed["status"], killed["possibly_billed"]) == ("interrupted", True)
    assert (made["status"], made["possibly_billed"], made["attempt"]) == ("completed", False, killed["attempt"])
    await finish(order)


async def opened_call(shop: RealShop, order: RealOrder) -> None:
    """Wait until the model is being called."""
    async with asyncio.timeout(60):
        while not await calls_of(shop, order):  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(0.01)


async def calls_of(shop: RealShop, order: RealOrder) -> list[dict[str, Any]]:
    return await shop.rows(
        "SELECT c.* FROM image_generation_task c JOIN image_tasks t ON t.task_id = c.image_task_id"
        " WHERE t.order_id = :id ORDER BY c.task_id",
        id=order.order_id,
    )
