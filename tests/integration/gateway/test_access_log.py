"""The line of each request names the order, also where no order is in its path."""

import asyncio

from structlog.testing import capture_logs
from temporalio.testing import TimeSkipper

from domain.vocabulary.status import Status
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.test_orders import customer, started
from tests.integration.gateway.test_payments import notify
from tests.patience import pauses
from tests.shop import FakeShop, OrderInHand

PATIENCE = 30  # seconds


async def test_an_order_is_named_in_the_log_however_a_request_reaches_it(gate: Gate, temporal_env: TimeSkipper) -> None:
    who = customer()
    async with FakeShop(temporal_env).open() as shop:
        with capture_logs() as lines:
            order_id = await started(gate, customer_id=who)
            await OrderInHand(shop, order_id).until_listed(Status.PENDING)
            await gate.bot.post(f"/api/customers/{who}/events/requirement_added", json={"requirement": "白底"})
            await notify(gate, "payment.received", order_id=order_id, payment_id="ALI-LOG", amount="18.00")
            async with asyncio.timeout(PATIENCE):  # a line is written after its answer
                for pause in pauses():
                    answered = {line["route"]: line["order_id"] for line in lines if line["event"] == "answered"}
                    if len(answered) == 3:
                        break
                    await asyncio.sleep(pause)
    assert set(answered.values()) == {order_id}
