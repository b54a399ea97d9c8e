"""Orders brought into each state that they can be in: what histories are recorded of."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.library.finding import FindRequest
from domain.order.messages import PaymentReceived, RequestedPicture, RequirementAdded
from domain.task_history.records import Drift, Period
from domain.upkeep.work import UpkeepRequest
from domain.vocabulary.errors import ModelAnswerUnusable, ModelNotSetUp, ModelRefused, ValueRefused
from domain.vocabulary.pictures import Risk, RiskLevel
from domain.vocabulary.status import Status
from starter import finding, orders
from tests.shop import FakeShop, OrderInHand
from workflows import options
from workflows.upkeep import UpkeepWorkflow


async def pending(shop: FakeShop) -> OrderInHand:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    return order


async def processing(shop: FakeShop) -> OrderInHand:
    shop.model.gate = asyncio.Event()
    order = await pending(shop)
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.until(lambda o: o.status is Status.PROCESSING, told=False)
    return order


async def awaiting_confirm(shop: FakeShop) -> OrderInHand:
    order = await pending(shop)
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


async def revision(shop: FakeShop) -> OrderInHand:
    order = await awaiting_confirm(shop)
    await order.signal("customer_message", text="不好")
    await order.reaches(Status.REVISION)
    return order


async def completed(shop: FakeShop) -> OrderInHand:
    order = await revision(shop)
    await order.signal("customer_message", text="脸再亮一点")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以,wang@example.com")
    await order.reaches(Status.COMPLETED)
    return order


async def completed_after_retries(shop: FakeShop) -> OrderInHand:
    shop.model.failures = [ModelAnswerUnusable("no image in the answer")]
    shop.vision.scores = [40, 90]
    pictures = [RequestedPicture(image_url=f"https://shop.example/{n}.jpg") for n in (1, 2)]
    order = await shop.order(*pictures, email="wang@example.com")
    await order.signal("no_such_signal", text="?")
    await order.signal("payment_received", payment_id="pay-1", amount="36.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="OK")
    await order.reaches(Status.COMPLETED)
    return order


async def with_designer(shop: FakeShop) -> OrderInHand:
    """The machine refused it; a designer has it."""
    shop.model.failures = [ModelRefused("refused for safety")]
    order = await pending(shop)
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.until(lambda o: o.live[0].dispatch and o.live[0].dispatch.designer and not o.notices)
    return order


async def dispatch(shop: FakeShop) -> OrderInHand:
    """The dispatch of such an order: a lost answer, a revision, the customer's yes."""
    shop.designers.lost_answers = 1
    order = await with_designer(shop)
    await order.signal("designer_finished", event_id="e1", result_url="https://designer.example/1.png")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="不行,再亮一点")
    await order.reaches(Status.WITH_DESIGNER)
    await order.signal("designer_finished", event_id="e2", result_url="https://designer.example/2.png")
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", text="可以,发 wang@example.com")
    await order.reaches(Status.COMPLETED)
    order.handle = shop.client.get_workflow_handle(f"dispatch-{order.task_id}")
    await order.handle.result()
    return order


async def failed(shop: FakeShop) -> OrderInHand:
    """Somebody ended its dispatch in the Web UI."""
    order = await with_designer(shop)
    await shop.client.get_workflow_handle(f"dispatch-{order.task_id}").cancel()
    await order.reaches(Status.FAILED)
    return order


async def closed(shop: FakeShop) -> OrderInHand:
    order = await completed(shop)
    await order.pass_time(timedelta(days=15, minutes=1))
    await order.handle.result()
    return order


async def paid(shop: FakeShop) -> OrderInHand:
    """Below its price: staff are to look at it."""
    order = await pending(shop)
    await order.signal("payment_received", payment_id="pay-1", amount="1.00")
    await order.until(lambda o: o.hold and not o.notices)
    return order


async def paid_without_a_picture(shop: FakeShop) -> OrderInHand:
    order = await shop.order(pictures=[])
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.until(lambda o: o.status is Status.PAID and not o.notices)
    return order


async def made_by_another(shop: FakeShop) -> OrderInHand:
    """What the first model refused another one made; of its two pictures the second was the better one."""
    shop.model.failures, shop.other.pictures = [ModelRefused("refused for safety")], 2
    shop.vision.scores = [75, 90]
    order = await pending(shop)
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


async def waiting_for_model(shop: FakeShop) -> OrderInHand:
    """Its only model has no valid key: staff know."""
    shop.model.failures = [ModelNotSetUp("API key expired")] * 100
    order = await pending(shop)
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.until(lambda o: len(o.live[0].attempts) == 2 and not o.notices)
    return order


async def declined(shop: FakeShop) -> OrderInHand:
    shop.vision.analysis.risk = Risk(level=RiskLevel.HIGH, reasons=["banknote"])
    order = await shop.order()
    await order.until(lambda o: o.live and o.live[0].review)
    await order.pass_time(timedelta(hours=12))
    await order.reaches(Status.DECLINED)
    return order


async def expired(shop: FakeShop) -> OrderInHand:
    order = await pending(shop)
    await order.pass_time(timedelta(hours=73))
    await order.reaches(Status.EXPIRED)
    return order


async def cancelled(shop: FakeShop) -> OrderInHand:
    """While the machine was at work, after a change and a refused one; the money went back."""
    shop.model.gate = asyncio.Event()
    order = await pending(shop)
    await orders.update(shop.client, order.order_id, "add_requirement", RequirementAdded(requirement="白底"))
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.until(lambda o: shop.model.wishes, told=False)
    await order.signal("requirement_added", requirement="2K")
    await order.signal("cancel_requested", reason="too slow")
    await order.reaches(Status.CANCELLED)
    await order.signal("refund_recorded", refund_id="ref-1")
    await order.until(lambda o: o.label == "已取消" and not o.notices)
    return order


async def revived(shop: FakeShop) -> OrderInHand:
    """Given to a designer, taken back by staff, given again, and made by somebody else."""
    shop.model.failures = [ModelRefused("refused for safety"), ModelRefused("refused for safety")]
    order = await pending(shop)
    await order.signal("payment_received", payment_id="pay-1", amount="18.00")
    await order.reaches(Status.WITH_DESIGNER)
    await order.signal("processing_resumed", requested_by="staff", task_id=order.task_id)
    await order.until(lambda o: o.status is Status.WITH_DESIGNER and len(o.live[0].attempts) == 2)
    await order.signal("result_submitted", result_url="https://staff.example/1.png")
    await order.reaches(Status.AWAITING_CONFIRM)
    return order


async def silent(shop: FakeShop) -> OrderInHand:
    """Completed by a link after long silence."""
    order = await awaiting_confirm(shop)
    await order.pass_time(timedelta(days=8))
    await order.reaches(Status.COMPLETED)
    return order


async def continued(shop: FakeShop) -> OrderInHand:
    """In its second run, after more signals than one history should hold."""
    order = await awaiting_confirm(shop)
    first_run = (await order.handle.describe()).run_id
    number = 0
    while (await order.handle.describe()).run_id == first_run:
        number += 1
        await order.signal("customer_message", event_id=f"m{number}", text=f"嗯{number}")
    await order.signal("customer_message", text="可以,wang@example.com")
    await order.reaches(Status.COMPLETED)
    return order


async def long(shop: FakeShop) -> OrderInHand:
    """The first run of such an order."""
    order = await continued(shop)
    first_run = (await order.handle.describe()).raw_description.workflow_execution_info.first_run_id
    order.handle = shop.client.get_workflow_handle(order.handle.id, run_id=first_run)
    return order


async def late_event(shop: FakeShop) -> OrderInHand:
    order = OrderInHand(shop, orders.new_order_id("Asia/Shanghai"))
    payment = PaymentReceived(event_id="e1", payment_id="pay-1", amount=Decimal(18))
    await orders.send_or_keep(shop.client, order.order_id, "payment_received", payment)
    order.handle = shop.client.get_workflow_handle(f"late-{order.order_id}-payment_received-{payment.identity}")
    await order.handle.result()
    return order


async def find_image(shop: FakeShop) -> OrderInHand:
    """A search by a picture and words, which finds nothing: a designer is asked."""
    order = OrderInHand(shop, orders.new_order_id("Asia/Shanghai"))
    find_id = order.order_id.replace("ORDER_", "FIND_")
    asked = FindRequest(customer_id="customer-1", acc_id="shop-1", image_url="https://shop.example/1.jpg", words="橘猫")
    await finding.start(shop.client, find_id, asked, must_be_new=True)
    order.handle = shop.client.get_workflow_handle(f"find-{find_id}")
    await order.handle.result()
    return order


async def upkeep(shop: FakeShop) -> OrderInHand:
    """A night with orphans, wrong statistics, a part that fails, and a digest."""
    user, long_ago = UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC)
    shop.folder.stored = {f"task-history/{user}/{UUID(int=2)}/generated.jpg": long_ago}
    shop.history.wrong[user], shop.history.sizes = [Drift(Period.DAY, date(2026, 11, 1), 5, 6)], {user: 60_000_000}
    shop.history.failures = [ValueRefused("no such value")]
    order = OrderInHand(shop, orders.new_order_id("Asia/Shanghai"))
    order.handle = await shop.client.start_workflow(
        UpkeepWorkflow.run, UpkeepRequest(), id=f"upkeep-{order.order_id}", task_queue=options.ORDERS
    )
    await order.handle.result()
    return order


STATES: list[Callable[[FakeShop], Awaitable[OrderInHand]]] = [
    pending, paid, paid_without_a_picture, processing, awaiting_confirm, revision, completed, completed_after_retries,
    made_by_another, waiting_for_model, with_designer, dispatch, failed, revived, declined, expired, cancelled, silent,
    continued, long, closed, late_event, find_image, upkeep,
]  # fmt: skip
