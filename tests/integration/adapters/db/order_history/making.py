"""What tests of the records of orders make, and how they look at the tables."""

from collections.abc import Awaitable, Callable
from typing import Any

from adapters.db.ledger import PostgresLedger
from domain.attempts.ledger import CallRecord
from domain.order.order import Order
from domain.vocabulary.pictures import ModelCall, StoredPicture
from domain.vocabulary.status import Status
from tests.integration.adapters.db.orders import TASK_ID, call, finished_order, stored

OWNER = "0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a"
FILE = f"task-history/{OWNER}/{TASK_ID}/attempt-3-generated.png"
PREVIEW = f"task-history/{OWNER}/{TASK_ID}/attempt-3-preview.jpg"
ANSWER = ModelCall(
    provider="gemini", model="gemini-3.1-flash-image", pictures=1, latency_ms=2400,
    input_tokens={"text": 10, "image": 1290}, output_tokens={"image": 1290},
)  # fmt: skip

Query = Callable[..., Awaitable[list[dict[str, Any]]]]


def owned(order: Order, owner: str | None = OWNER) -> Order:
    order.owner = owner
    return order


def third(number: int = 1) -> CallRecord:
    """A call of the attempt whose result is shown in the end."""
    return call(number, attempt=3)


def shown(status: Status) -> Order:
    """The order with a status, once the result of the third attempt is out."""
    order = owned(finished_order())
    picture = order.pictures[0]
    assert picture.attempts[-1].result
    picture.attempts[-1].result.file = stored(FILE)
    picture.status = status
    return order


async def made(ledger: PostgresLedger, record: CallRecord, file: StoredPicture | None = None) -> None:
    await ledger.open_call(record)
    await ledger.close_call(record.call_id, ANSWER, {})
    await ledger.save_result(record.call_id, file or stored(FILE), record.model)
