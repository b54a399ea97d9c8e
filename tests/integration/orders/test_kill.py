"""kill -9 of the worker: the order goes on where it stood, and nothing is paid or mailed twice."""

import asyncio
from functools import partial

import httpx

from domain.texts.phrase import Said
from domain.vocabulary.status import Status
from runtime import wiring
from starter import orders
from tests.integration.orders.conftest import RealOrder, RealShop, eventually


async def finish(order: RealOrder) -> None:
    await order.signal("customer_message", event_id="yes", text="可以,发到 wang@example.com")
    await order.reaches(Status.COMPLETED)


async def assert_done_once(shop: RealShop, order: RealOrder) -> None:
    letters = await shop.ledger("mailbox", order=order.order_id)
    assert len({letter["message_id"] for letter in letters}) == len(letters) == 1
    original = (await orders.snapshot(shop.client, order.order_id)).live[0].original
    assert original is not None
    billed = await shop.ledger("gemini", kind="image", billed="True", input_sha256=original.sha256)
    assert len(billed) == 1
    calls = await order.calls()
    assert len(calls) == 1
    assert calls[0]["status"] == "completed"
    assert not calls[0]["possibly_billed"]
    assert calls[0]["provider_request_id"] in {billed[0]["response_id"], None}  # None: killed before it was noted
    payments = await shop.rows("SELECT * FROM payments WHERE order_id = :id", id=order.order_id)
    assert len(payments) == 1


async def test_an_order_outlives_its_worker_while_it_waits(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    price = await order.is_quoted()
    real_shop.kill_worker()
    await order.pay(price)  # nobody is there
    real_shop.start_worker()
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert [attempt.look.issue for attempt in shown.live[0].attempts if attempt.look] == [Said()]
    real_shop.kill_worker()
    real_shop.start_worker()
    await finish(order)
    await assert_done_once(real_shop, order)


async def test_an_attempt_whose_raw_picture_is_stored_is_not_paid_again(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    await order.pay(await order.is_quoted())
    await raw_picture(real_shop, order)
    real_shop.kill_worker()
    real_shop.start_worker()
    await order.reaches(Status.AWAITING_CONFIRM)
    await finish(order)
    await assert_done_once(real_shop, order)


async def test_a_score_that_is_on_record_is_not_asked_for_again(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    await order.pay(await order.is_quoted())
    scored = "SELECT r.id FROM generation_result r JOIN image_generation_task c USING (task_id) WHERE c.order_id = :id"
    await eventually(partial(real_shop.rows, f"{scored} AND r.qa_score IS NOT NULL", id=order.order_id))
    real_shop.kill_worker()  # before the answer of the activity arrives, or after it
    real_shop.start_worker()
    await order.reaches(Status.AWAITING_CONFIRM)
    assert [call["status"] for call in await order.calls("score")] == ["completed"]
    await finish(order)
    await assert_done_once(real_shop, order)


async def raw_picture(shop: RealShop, order: RealOrder) -> None:
    """Stop the worker when the raw picture of the first attempt lies in storage, and nothing after it."""
    files = wiring.files(shop.settings)
    task = order.order_id.replace("ORDER", "TASK") + "_1"
    async with asyncio.timeout(60):
        while await files.find(f"task-history/{order.customer_id}/{task}/attempt-1.") is None:  # noqa: ASYNC110 - storage sets no event
            await asyncio.sleep(0.01)
    shop.stop_worker()
    assert await files.find(f"task-history/{order.customer_id}/{task}/attempt-1-generated.") is None


async def test_staff_are_told_although_the_worker_died_while_their_robot_failed(
    real_shop: RealShop, photo: bytes
) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    price = await order.is_quoted()
    async with httpx.AsyncClient() as http:
        await http.post(f"{real_shop.settings.simulators_url}/wecom/faults", json={"times": 2, "errcode": -1})
    await order.pay(price - 1)
    await eventually(partial(real_shop.ledger, "wecom", order=order.order_id, errcode="-1"))
    real_shop.kill_worker()
    real_shop.start_worker()
    await real_shop.staff_told(order.order_id, "付款与报价不符,暂不开工")
    await order.until(lambda o: not o.notices)
    told = await real_shop.staff_told(order.order_id, "付款与报价不符,暂不开工")
    assert len(told) <= 2, "once, and once more at most: a message may be out before that is noted"
