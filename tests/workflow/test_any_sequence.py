"""Random sequences of signals, updates and time, sent to real orders, against a model that knows nothing of orders."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio.client import WorkflowUpdateFailedError
from temporalio.worker import Replayer

from domain.order.messages import SIGNALS, UPDATES
from domain.order.order import Order
from domain.vocabulary.status import Status
from domain.vocabulary.trail import JournalEntry
from starter.client import CONVERTER
from tests.anything import PAYLOADS, WORDS, Books
from tests.shop import FakeShop, OrderInHand
from workflows.order import OrderWorkflow

SIGNAL = st.tuples(st.just("signal"), st.sampled_from([*SIGNALS, "nonsense"]), PAYLOADS)
UPDATE = st.tuples(st.just("update"), st.sampled_from(sorted(UPDATES)), PAYLOADS)
WORD = st.tuples(st.just("signal"), st.just("customer_message"), st.builds(lambda text: {"text": text}, WORDS))
PAY = st.tuples(st.just("signal"), st.just("payment_received"), st.just({"payment_id": "p9", "amount": "36"}))
NOTHING: st.SearchStrategy[dict[str, Any]] = st.just({})
REST = st.tuples(st.just("rest"), st.sampled_from(["0.01", "0.1", "0.3"]), NOTHING)
TIME = st.tuples(st.just("time"), st.sampled_from(["1", "30"]), NOTHING)
Step = tuple[str, str, dict[str, Any]]


async def take(step: Step, order: OrderInHand, books: Books) -> None:
    kind, what, payload = step
    match kind:
        case "signal":
            await order.handle.signal(what, payload)
            books.note(what, payload)
        case "update":
            try:
                await order.handle.execute_update(what, payload)
            except WorkflowUpdateFailedError:
                return  # malformed: it leaves no trace
            books.note(UPDATES[what], payload)
        case "rest":
            await asyncio.sleep(float(what))
        case "time":
            await order.pass_time(timedelta(hours=float(what)))


def journal_of(shop: FakeShop, order: Order) -> list[JournalEntry]:
    lines = [line for saved in shop.records.saved if saved.order_id == order.order_id for line in saved.journal]
    return list({line.event_id: line for line in lines}.values())


@settings(
    max_examples=25,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink a sequence of real waits takes too long
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.one_of(SIGNAL, SIGNAL, UPDATE, WORD, PAY, REST, TIME), min_size=5, max_size=20))
async def test_nothing_is_lost_moved_wrongly_or_delivered_twice(shop: FakeShop, steps: list[Step]) -> None:
    letters_before = len(shop.mail.letters)
    order = await shop.order(email="wang@example.com")
    books = Books(await order.now())
    for step in steps:
        await take(step, order, books)

    def is_settled(now: Order) -> bool:
        """Nothing is on its way: a letter may be out before the order, cancelled meanwhile perhaps, hears of it."""
        letters = len(shop.mail.letters) - letters_before
        return not (now.with_status(Status.PROCESSING) or now.notices or now.outbox) and now.deliveries == letters

    settled = await order.until(is_settled)
    letters = [letter.message_id for letter in shop.mail.letters[letters_before:]]
    books.letters = len(letters)
    books.agree_with(settled)
    assert len(set(letters)) == len(letters), "a letter was sent twice"

    journal = journal_of(shop, settled)
    assert not [line for line in journal if line.what == "unexpected_error"]
    assert Counter(line.facts["text"] for line in journal if line.what == "customer_said") == Counter(books.said)
    assert {line.serial for line in journal} <= set(range(1, settled.serial + 1))
    saved = [one for one in shop.records.saved if one.order_id == settled.order_id][-1]
    assert (saved.status, saved.amount_paid) == (settled.status, settled.amount_paid)
    history = await order.handle.fetch_history()
    assert len(history.events) < 600, "a history is bounded"
    await Replayer(workflows=[OrderWorkflow], data_converter=CONVERTER).replay_workflow(history)
