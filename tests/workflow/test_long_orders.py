"""An order of very many events continues as new, and nothing that is on its way is lost."""

import asyncio

import pytest

from domain.vocabulary.status import Status
from tests.shop import FakeShop, OrderInHand
from workflows import telling

PORTION = 500
WORDS = 1000  # the server of the tests suggests a new run at 500 events


async def flood(order: OrderInHand) -> None:
    for start in range(0, WORDS, PORTION):
        numbers = range(start, start + PORTION)
        await asyncio.gather(*(order.signal("customer_message", event_id=f"m{n}", text=f"嗯{n}") for n in numbers))


async def runs(shop: FakeShop, order: OrderInHand) -> list[int]:
    """The lengths of an order's histories, run by run."""
    query = f"WorkflowId = '{order.handle.id}'"
    return [run.history_length or 0 async for run in shop.client.list_workflows(query)]


# On a busy machine a task is given up while the SDK is still handing out its signals; the server hands them out again.
@pytest.mark.filterwarnings("ignore:coroutine '_WorkflowInstanceImpl:RuntimeWarning")
async def test_five_hundred_signals_on_their_way_outlive_the_change_of_runs(shop: FakeShop) -> None:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", event_id="pay", payment_id="p1", amount="18.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    first_run = (await order.handle.describe()).run_id

    await flood(order)
    await order.until(lambda o: not o.has_unreported, patience=90)  # the flood is told in portions

    assert (await order.handle.describe()).run_id != first_run
    lines = {line.event_id: line for saved in shop.records.saved for line in saved.journal}
    said = [line.facts["text"] for line in lines.values() if line.what == "customer_said"]
    assert sorted(said) == sorted(f"嗯{number}" for number in range(WORDS))
    await order.signal("payment_received", event_id="pay", payment_id="p1", amount="18.00")  # a repeat still is one
    await order.signal("customer_message", event_id="yes", text="可以")
    done = await order.reaches(Status.COMPLETED)
    assert (str(done.amount_paid), len(shop.mail.letters), done.deliveries) == ("18.00", 1, 1)
    assert max(await runs(shop, order)) < 10_000
    known = (await order.handle.describe()).typed_search_attributes
    assert known[telling.ORDER_STATUS] == "completed"
