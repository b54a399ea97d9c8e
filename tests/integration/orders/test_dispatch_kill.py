"""kill -9 of the worker in the middle of a dispatch, and a dispatch system that is away: one task, one preview."""

import hashlib
import io
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from PIL import Image, ImageEnhance
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from domain.vocabulary import ids
from domain.vocabulary.status import Status
from tests import skipping
from tests.integration.orders.conftest import RealOrder, RealShop, eventually
from tests.integration.orders.test_outcomes import a_photo

WHY = "客户要人来做"


@pytest.fixture(autouse=True)
async def no_fault_is_left(real_shop: RealShop) -> AsyncIterator[None]:
    yield
    await forget_faults(real_shop)


@pytest.fixture
def made() -> bytes:
    """What the designer makes: larger and brighter than what they were given."""
    copy = io.BytesIO()
    with Image.open(io.BytesIO(a_photo())) as given:
        larger = given.resize((2400, 1800), Image.Resampling.LANCZOS)
        ImageEnhance.Brightness(larger).enhance(1.2).save(copy, "JPEG", comment=uuid.uuid4().bytes)
    return copy.getvalue()


async def given_to_designers(shop: RealShop, photo: bytes) -> tuple[RealOrder, str]:
    """Return a paid order that is to go to designers and not to a machine, and its picture's id."""
    shop.have_a_worker()
    order = await shop.new_order(photo)
    price = await order.is_quoted()
    await order.signal("transfer_requested", event_id="transfer", reason=WHY)
    await order.pay(price)
    return order, ids.task_id(order.order_id, 1)


async def entry(shop: RealShop, task: str, **facts: str) -> dict[str, Any]:
    """Wait until the dispatch system has seen something of a picture."""
    return (await eventually(partial(shop.ledger, "tuhui", order=task, **facts)))[0]


async def has_designer(order: RealOrder) -> str:
    """Wait until the order knows who has its picture; return the dispatch system's id of the task."""
    told = await order.until(lambda o: o.live[0].dispatch and o.live[0].dispatch.dispatch_task_id)
    assert told.live[0].dispatch is not None
    return told.live[0].dispatch.dispatch_task_id


def kill_and_restart(shop: RealShop) -> None:
    shop.kill_worker()
    shop.start_worker()


async def assert_done_once(shop: RealShop, order: RealOrder, made: bytes) -> None:
    """Let the customer accept; then every book tells of one task, one preview and one letter with the picture."""
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", event_id="yes", text="可以,发到 wang@example.com")
    await order.reaches(Status.COMPLETED)
    task = ids.task_id(order.order_id, 1)
    assert len(await shop.tuhui_tasks(task)) == 1
    assert len(await shop.ledger("tuhui", kind="finish", order=task)) == 1
    shown = await shop.ledger("bot", customer=order.customer_id, kind="image", repeat="False")
    assert len(shown) == 1
    (letter,) = await shop.ledger("mailbox", order=order.order_id)
    assert [file["sha256"] for file in letter["attachments"]] == [hashlib.sha256(made).hexdigest()]
    row_of_task = partial(shop.rows, "SELECT * FROM dispatches WHERE task_id = :id", id=task)
    (row,) = await eventually(row_of_task, lambda rows: all(row["closing"] for row in rows))
    assert (row["designer"] != "", row["closing"]) == (True, "dispatch_accepted")
    assert len(await shop.staff_told(order.order_id, "新任务派单")) <= 2, "a message may be out before that is noted"


@pytest.mark.parametrize("fault", ["lost", "hang"])
async def test_a_task_whose_creation_was_never_answered_is_found_again(
    real_shop: RealShop, photo: bytes, made: bytes, fault: str
) -> None:
    await real_shop.ask_for_fault("tuhui", fault=fault, kind="create")
    order, task = await given_to_designers(real_shop, photo)
    created = await entry(real_shop, task, kind="create")
    assert created["fault"] == fault
    kill_and_restart(real_shop)
    await entry(real_shop, task, kind="assign")
    await real_shop.designer_finishes(await has_designer(order), made)
    await assert_done_once(real_shop, order, made)


@pytest.mark.parametrize("call", ["task", "online", "assign"])
async def test_a_task_that_was_created_is_given_to_one_designer(
    real_shop: RealShop, photo: bytes, made: bytes, call: str
) -> None:
    """After the creation the worker looks at the task, asks who is there, and assigns it."""
    since = str(len(await real_shop.ledger("tuhui")))
    await real_shop.ask_for_fault("tuhui", fault="hang", kind=call)
    order, task = await given_to_designers(real_shop, photo)
    await eventually(partial(real_shop.ledger, "tuhui", since=since, fault="hang"))
    assert len(await real_shop.tuhui_tasks(task)) == 1
    kill_and_restart(real_shop)
    await real_shop.designer_finishes(await has_designer(order), made)
    await assert_done_once(real_shop, order, made)
    assert len(await real_shop.ledger("tuhui", kind="assign", order=task)) == 1


async def test_a_picture_that_is_handed_in_while_nobody_watches_is_shown(
    real_shop: RealShop, photo: bytes, made: bytes
) -> None:
    order, task = await given_to_designers(real_shop, photo)
    dispatch_task = await has_designer(order)
    await real_shop.staff_told(order.order_id, "新任务派单")
    real_shop.kill_worker()
    await real_shop.designer_finishes(dispatch_task, made)
    real_shop.start_worker()
    await assert_done_once(real_shop, order, made)
    assert [entry["kind"] for entry in await real_shop.ledger("tuhui", order=task)] == [
        "create", "assign", "accept", "finish", "complete"
    ]  # fmt: skip


async def test_a_finished_picture_is_shown_once_although_the_worker_died_over_it(
    real_shop: RealShop, photo: bytes, made: bytes
) -> None:
    order, _ = await given_to_designers(real_shop, photo)
    await real_shop.designer_finishes(await has_designer(order), made)
    await order.until(lambda o: o.live[0].submission or o.live[0].status is not Status.WITH_DESIGNER, told=False)
    kill_and_restart(real_shop)
    await assert_done_once(real_shop, order, made)


async def test_a_cancelled_order_takes_its_task_back_although_the_worker_died_over_it(
    real_shop: RealShop, photo: bytes
) -> None:
    order, task = await given_to_designers(real_shop, photo)
    dispatch_task = await has_designer(order)
    await real_shop.ask_for_fault("tuhui", fault="hang", kind="cancel")
    await order.signal("cancel_requested", event_id="no", requested_by="customer", reason="不要了")
    await entry(real_shop, task, kind="cancel")
    kill_and_restart(real_shop)
    await order.reaches(Status.CANCELLED)
    await eventually(partial(real_shop.ledger, "tuhui", call="cancel", task_id=dispatch_task, status="409"))
    assert len(await real_shop.ledger("tuhui", kind="cancel", order=task)) == 1


async def test_while_the_dispatch_system_is_away_the_order_waits_and_then_goes_on(
    real_shop: RealShop, photo: bytes, made: bytes
) -> None:
    await real_shop.ask_for_fault("tuhui", fault="status", status=503, times=1000)
    order, task = await given_to_designers(real_shop, photo)
    await eventually(partial(is_begun, real_shop, task))
    await pass_time(real_shop, task, timedelta(minutes=20))
    await order.reaches(Status.WITH_DESIGNER)
    assert await real_shop.tuhui_tasks(task) == []
    await forget_faults(real_shop)
    await pass_time(real_shop, task, timedelta(minutes=10))
    dispatch_task = await has_designer(order)
    await real_shop.ask_for_fault("tuhui", fault="status", status=503, kind="task", about=task, times=3)
    await real_shop.designer_finishes(dispatch_task, made)
    await pass_time(real_shop, task, timedelta(minutes=10))  # it is looked at less and less often
    await assert_done_once(real_shop, order, made)
    assert await real_shop.staff_read(order.order_id, "派单不顺利") == [], (
        "of the system they hear once, not of each order"
    )


async def forget_faults(shop: RealShop) -> None:
    async with httpx.AsyncClient() as http:
        await http.delete(f"{shop.settings.simulators_url}/tuhui/faults")


async def is_begun(shop: RealShop, task: str) -> bool:
    try:
        await shop.client.get_workflow_handle(ids.dispatch_id(task)).describe()
    except RPCError:
        return False
    return True


async def pass_time(shop: RealShop, task: str, duration: timedelta) -> None:
    """Let the dispatch's waits between tries pass."""
    skipper = TimeSkipper(shop.client, config=TimeSkippingConfig(enabled=False))
    await skipping.pass_time(skipper, shop.client.get_workflow_handle(ids.dispatch_id(task)), duration)
