"""Orders that somebody looks at all the time replay: see docs/decisions/0002-no-local-activities.md."""

import asyncio
import random

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from domain.order.messages import RequestedPicture
from domain.vocabulary.errors import ModelAnswerUnusable
from starter.client import CONVERTER
from tests.shop import FakeShop
from workflows.order import OrderWorkflow

MESSAGES = [
    ("payment_received", {"payment_id": "pay-1", "amount": "60"}),
    ("customer_message", {"text": "不好"}),
    ("customer_message", {"text": "第一张脸再亮一点"}),
    ("image_received", {"image_url": "https://shop.example/9.jpg"}),
    ("nonsense", {}),
    ("customer_message", {"text": "可以,wang@example.com"}),
    ("customer_message", {"text": "可以,wang@example.com"}),
]


async def live(shop: FakeShop, chance: random.Random) -> WorkflowHistory:
    """Send everything at odd moments to an order of a few pictures, with a look after each."""
    pictures = [RequestedPicture(image_url=f"https://shop.example/{n}.jpg") for n in range(chance.randint(1, 3))]
    order = await shop.order(*pictures)
    for signal, payload in MESSAGES:
        await asyncio.sleep(chance.random() * chance.choice([0, 0.02, 0.2]))
        await order.signal(signal, **payload)
        await order.now()
    await order.until(lambda o: not o.has_unreported)
    return await order.handle.fetch_history()


async def test_orders_that_are_looked_at_all_the_time_replay(shop: FakeShop) -> None:
    seed = random.randrange(10_000)
    print("seed", seed)
    shop.model.failures = [ModelAnswerUnusable("no image in the answer") for _ in range(4)]
    shop.vision.scores = [40, 90, 30, 20, 10, 95]
    histories = await asyncio.gather(*(live(shop, random.Random(seed + n)) for n in range(12)))
    replayer = Replayer(workflows=[OrderWorkflow], data_converter=CONVERTER)
    for history in histories:
        await replayer.replay_workflow(history)
