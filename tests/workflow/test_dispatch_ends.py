"""How a dispatch ends, or goes on although its order or one of its runs ends."""

import asyncio
import gc
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from domain.order.order import Order
from domain.texts.phrase import written
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from tests import skipping
from tests.dispatches import RESULT, DispatchInHand, given, refused
from tests.shop import FakeShop


async def test_a_cancelled_order_closes_the_task(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.signal("cancel_requested", requested_by="customer", reason="不要了")
    await order.reaches(Status.CANCELLED)
    await dispatch.handle.result()
    assert (shop.designers.tasks["T1"].status, shop.designers.notes["T1"]) == ("cancelled", ["订单已取消"])


async def test_an_order_cancelled_while_the_task_is_created_closes_what_was_created(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.designers.lost_answers, shop.designers.unreadable_afterwards = 1, 3
    async with shop.open():
        order, dispatch = await refused(shop)
        await order.until(lambda _: shop.designers.tasks, told=False)
        await order.signal("cancel_requested", requested_by="customer", reason="不要了")
        await dispatch.handle.result()
        assert {task_id: task.status for task_id, task in shop.designers.tasks.items()} == {"T1": "cancelled"}


async def test_staff_take_a_picture_back_to_the_machine(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.signal("processing_resumed", requested_by="staff", task_id=order.task_id)
    await order.reaches(Status.AWAITING_CONFIRM)
    assert (await dispatch.handle.result())["closing"] == "dispatch_withdrawn"


async def test_a_dispatch_that_is_cancelled_in_the_web_ui_leaves_the_picture_to_staff(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await dispatch.handle.cancel()
    failed = await order.reaches(Status.FAILED)
    assert failed.live[0].error == written("Temporal")
    await dispatch.handle.result()
    assert shop.designers.notes["T1"] == ["不用做了,已另行处理"]


async def test_a_dispatch_that_was_terminated_is_begun_anew_when_the_order_next_speaks_to_it(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await dispatch.handle.terminate()
    await order.signal("transfer_requested", reason="再找一个")
    again = DispatchInHand(shop, ids.dispatch_id(order.task_id, 2))
    await again.until(lambda d: d.designer)
    assert shop.designers.descriptions["T2"].splitlines()[0] == f"订单 {order.task_id} 第2次"


async def test_a_dispatch_that_was_terminated_leaves_no_error_in_the_log(
    closed_shop: FakeShop, caplog: pytest.LogCaptureFixture
) -> None:
    async with closed_shop.open():
        order, dispatch = await given(closed_shop)
        await dispatch.handle.terminate()
        await order.signal("cancel_requested", requested_by="customer", reason="不要了")
        await order.reaches(Status.CANCELLED)
    gc.collect()
    assert [record.message for record in caplog.records if "never retrieved" in record.message] == []


async def test_an_order_that_is_reset_goes_on_with_the_dispatch_that_it_had_begun(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    (begun,) = [
        event.start_child_workflow_execution_initiated_event_attributes
        for event in (await order.handle.fetch_history()).events
        if event.HasField("start_child_workflow_execution_initiated_event_attributes")
    ]
    await shop.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=shop.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=order.handle.id),
            reason="a wrong change was deployed",
            workflow_task_finish_event_id=begun.workflow_task_completed_event_id,
            request_id=order.order_id,
        )
    )
    shop.designers.finish("T1", RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    assert (await dispatch.handle.result())["closing"] == "dispatch_accepted"
    assert list(shop.designers.tasks) == ["T1"]


async def test_a_picture_for_an_order_that_is_gone_is_told_to_staff(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await order.handle.terminate()
    await dispatch.handle.signal("designer_finished", {"result_url": RESULT})
    await dispatch.handle.result()
    assert any("**成品图没有订单可用**" in words and RESULT in words for words in shop.staff.told)


async def test_a_dispatch_outlives_the_runs_of_its_order(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    await skipping.fill_a_run(
        order.handle, lambda number: order.signal("analysis_received", event_id=f"n{number}", complexity="simple")
    )
    shop.designers.finish("T1", RESULT)
    await dispatch.pass_time(timedelta(minutes=6))  # it looks ever more seldom
    shown: Order = await order.reaches(Status.AWAITING_CONFIRM)
    assert shown.live[0].attempts[-1].provider == "designer"
    await dispatch.handle.result()


async def test_a_dispatch_goes_on_in_a_new_run_and_loses_nothing_that_was_sent(shop: FakeShop) -> None:
    order, dispatch = await given(shop)
    shop.designers.hand_in("T1", RESULT)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="颜色不对,再亮一点")
    before = await dispatch.until(lambda d: d.wish and d.is_wish_told)
    news, sent = before.news.model_dump(mode="json"), skipping.MORE_THAN_A_RUN
    await skipping.fill_a_run(dispatch.handle, lambda _: dispatch.handle.signal("picture_changed", news))
    state = await dispatch.until(lambda d: d.serial == before.serial + sent)  # each makes one line of the journal
    assert (state.known_result, state.dispatch_task_id, state.designer) == (RESULT, "T1", "橘子")
    await asyncio.sleep(0.5)  # several looks
    assert (await order.now()).live[0].status is Status.WITH_DESIGNER
    shop.designers.hand_in("T1", f"{RESULT}.2")
    await order.until(lambda o: o.live[0].round == 1 and o.status is Status.AWAITING_CONFIRM)
