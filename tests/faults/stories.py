"""What customers, staff and designers do in an order, whatever breaks meanwhile."""

import io
import uuid
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

from PIL import Image, ImageEnhance

from domain.vocabulary import ids
from domain.vocabulary.status import Status
from starter import late
from tests.integration.orders.conftest import RealOrder, RealShop, eventually
from tests.integration.orders.test_outcomes import a_photo

Story = Callable[[RealShop], Coroutine[Any, Any, RealOrder]]
SMALL = "改成480x360像素"  # seconds of work on pixels would hide what is looked for
LETTER = "可以,发到 wang@example.com"


async def made_by_a_model(shop: RealShop) -> RealOrder:
    """It is paid in two parts, of which staff hear; a model makes it, and it is mailed."""
    order = await shop.new_order(a_photo(), note=SMALL)
    price = await order.is_quoted()
    await order.signal("payment_received", event_id="part", payment_id="pay-1", amount=str(price - 1))
    await shop.staff_told(order.order_id, "付款与报价不符")
    await order.signal("payment_received", event_id="rest", payment_id="pay-2", amount="1")
    await order.reaches(Status.AWAITING_CONFIRM)
    return await _ends(order)


async def made_by_a_designer(shop: RealShop) -> RealOrder:
    """It is paid, goes to a designer, who hands in a picture, and is mailed."""
    order, task_id = await _with_a_designer(shop)
    await shop.designer_finishes(task_id, handed_in())
    await order.reaches(Status.AWAITING_CONFIRM)
    await _ends(order)
    await _is_closed(shop, order)
    return order


async def called_off(shop: RealShop) -> RealOrder:
    """It goes to a designer, and is called off; the customer is sorry too late."""
    order, _ = await _with_a_designer(shop)
    await order.signal("cancel_requested", event_id="no", requested_by="customer", reason="不要了")
    await order.reaches(Status.CANCELLED)
    await _is_closed(shop, order)
    words = {"event_id": "sorry", "text": "还是要吧"}
    await late.keep(shop.client, order.order_id, "customer_message", words, "sorry")
    kept = "SELECT * FROM order_events WHERE order_id = :id AND what = 'late_event'"
    await eventually(lambda: shop.rows(kept, id=order.order_id))
    return order


async def _with_a_designer(shop: RealShop) -> tuple[RealOrder, str]:
    order = await shop.new_order(a_photo(), note=SMALL)
    price = await order.is_quoted()
    await order.signal("transfer_requested", event_id="transfer", reason="客户要人来做")
    await order.pay(price)
    told = await order.until(lambda o: o.live[0].dispatch and o.live[0].dispatch.dispatch_task_id)
    await shop.staff_told(order.order_id, "新任务派单")
    assert told.live[0].dispatch is not None
    return order, told.live[0].dispatch.dispatch_task_id


async def _ends(order: RealOrder) -> RealOrder:
    await order.signal("customer_message", event_id="yes", text=LETTER)
    await order.reaches(Status.COMPLETED)
    await order.until(lambda o: not o.notices)
    return order


async def _is_closed(shop: RealShop, order: RealOrder) -> None:
    task = ids.task_id(order.order_id, 1)
    await eventually(
        lambda: shop.rows("SELECT * FROM dispatches WHERE task_id = :id", id=task),
        lambda rows: rows and all(row["closing"] for row in rows),
    )


@cache
def _brightened() -> Image.Image:
    with Image.open(io.BytesIO(a_photo())) as given:
        return ImageEnhance.Brightness(given.resize((480, 360), Image.Resampling.LANCZOS)).enhance(1.2)


def handed_in() -> bytes:
    """Return the picture of a designer, its bytes like no other's."""
    copy = io.BytesIO()
    _brightened().save(copy, "JPEG", comment=uuid.uuid4().bytes)
    return copy.getvalue()
