"""Who waits for whom in the queues of pictures: counted, and read from histories, so that no clock matters."""

import asyncio
from collections.abc import Mapping

import pytest

from domain.order.lineup import LOCAL
from domain.vocabulary.status import Status
from runtime.settings import Settings
from tests import fakes
from tests.patience import pauses
from tests.shop import TIMEOUT_SECONDS, FakeShop, OrderInHand
from worker import limits
from workflows import options

MANY = 20
USUAL = Settings(_env_file=None)


async def until_made(model: fakes.FakeModel, count: int) -> None:
    """Wait until the model has been asked for so many pictures."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        for pause in pauses():
            if len(model.wishes) >= count:
                return
            await asyncio.sleep(pause)


async def paid(shop: FakeShop, count: int) -> list[OrderInHand]:
    """Orders that are paid as soon as they are quoted."""

    async def one(number: int) -> OrderInHand:
        order = await shop.order(customer_id=f"customer-{number}")
        await order.until(lambda seen: seen.quote)
        await order.signal("payment_received", payment_id="pay-1", amount="18.00")
        return order

    return list(await asyncio.gather(*map(one, range(count))))


async def scheduled(order: OrderInHand) -> Mapping[str, tuple[str, int]]:
    """Queue and priority of each activity that an order has scheduled, by name."""
    history = await order.handle.fetch_history()
    found = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    return {one.activity_type.name: (one.task_queue.name, one.priority.priority_key) for one in found}


async def test_with_the_usual_settings_all_orders_of_a_burst_wait_for_the_model_at_once(closed_shop: FakeShop) -> None:
    model = closed_shop.model
    model.gate = asyncio.Event()
    images = closed_shop.worker(options.IMAGES, **limits(options.IMAGES, USUAL))
    async with images, closed_shop.open(options.ORDERS, options.PIXELS, options.STAFF) as shop:
        orders = await paid(shop, MANY)
        await until_made(model, MANY)  # the first one has not been answered yet
        late = await shop.order(customer_id="late")
        await late.until(lambda seen: seen.quote)  # nor does a new customer wait for them
        model.gate.set()
        await asyncio.gather(*(order.reaches(Status.AWAITING_CONFIRM) for order in orders))


async def test_a_picture_goes_before_a_first_look(shop: FakeShop) -> None:
    (order,) = await paid(shop, 1)
    await order.reaches(Status.AWAITING_CONFIRM)
    steps = await scheduled(order)
    assert [steps["produce"], steps["examine"]] == [(options.IMAGES, 3), (options.IMAGES, options.UNPAID_LOOK)]


async def test_pictures_of_the_packaged_networks_have_a_queue_of_their_own(closed_shop: FakeShop) -> None:
    closed_shop.models = [fakes.FakeModel(LOCAL, "local")]
    async with closed_shop.open() as shop:
        (order,) = await paid(shop, 1)
        await order.reaches(Status.AWAITING_CONFIRM)
        steps = await scheduled(order)
        assert [steps["produce"], steps["examine"][0]] == [(options.PIXELS, 3), options.IMAGES]


@pytest.mark.parametrize("processes", [1, 4])
def test_the_cpu_bounds_what_the_packaged_networks_make_and_nothing_else(processes: int) -> None:
    settings = Settings(_env_file=None, imaging_processes=processes)
    assert limits(options.PIXELS, settings) == {"max_concurrent_activities": 2 * processes}
    assert limits(options.IMAGES, settings)["max_concurrent_activities"] >= MANY
    assert limits(options.IMAGES, settings)["max_task_queue_activities_per_second"] is None
