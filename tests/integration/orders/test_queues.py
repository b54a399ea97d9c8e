"""Workers that share the queues between them."""

import pytest

import doctor
from domain.status import Status
from tests.integration.orders.conftest import RealShop
from tests.integration.orders.pages import worker


async def test_queues_may_be_worked_on_by_workers_of_their_own(real_shop: RealShop, photo: bytes) -> None:
    orders_and_staff = worker(real_shop, WORKER_QUEUES="orders,staff")
    assert "queue images" not in await orders_and_staff.is_ready()
    with pytest.raises(doctor.Ailment, match="nothing polls the queue images"):
        await doctor.CHECKS["worker"](real_shop.settings)
    order = await real_shop.new_order(photo)
    await order.until(lambda seen: seen.live, told=False)
    images = worker(real_shop, WORKER_QUEUES="images")
    checks = await images.is_ready()
    assert {name for name in checks if name.startswith("queue")} == {"queue images"}
    assert await doctor.CHECKS["worker"](real_shop.settings) == "polls all task queues"
    assert (await order.is_shown()).status is Status.AWAITING_CONFIRM
