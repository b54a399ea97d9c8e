"""Records what an order asks of the tables: each activity with its calls to the records and the ledger."""

import asyncio
import pickle
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unittest.mock import patch

from temporalio import activity

import worker
from benchmarks.own_worker import Watch, own_worker
from benchmarks.playing import Darkroom, Order, Site, each, new_orders, told
from domain.vocabulary.status import Status

RECORDING_SECONDS = 120
Call: TypeAlias = tuple[str, str, tuple[Any, ...]]  # of an adapter: its name, the method, the arguments
BOOKS = ("PostgresRecords", "PostgresLedger")  # the adapters in worker.py whose calls are recorded


@dataclass
class Tape:
    """The calls of one order. A stage ends where the customer pays, and where they accept the preview."""

    order: Order
    stages: list[dict[str, list[Call]]] = field(default_factory=lambda: [{}])  # by activity

    @property
    def transactions(self) -> int:
        """How many transactions the order took."""
        return sum(len(calls) for stage in self.stages for calls in stage.values())

    def dump(self) -> bytes:
        """Return the tape for a process that has the same code: ids, and the calls of each activity of each stage."""
        stages = [list(stage.values()) for stage in self.stages]
        return pickle.dumps((self.order.order_id, self.order.customer_id, pickle.dumps(stages)))

    def begin(self, info: activity.Info) -> list[Call]:
        """Return the calls of an activity. It is on the tape from its start, also if it makes none."""
        return self.stages[-1].setdefault(info.activity_id, [])

    def note(self, adapter: str, method: str, arguments: tuple[Any, ...]) -> None:
        """Note a call of the activity that runs now. The arguments are copied, as the caller may change them."""
        copy = pickle.loads(pickle.dumps(arguments))  # noqa: S301 - our own
        self.begin(activity.info()).append((adapter, method, copy))


async def record(place: Site) -> Tape:
    """Play one order on the product, and return its tape."""
    (order,) = new_orders(1)
    tape, shop = Tape(order), Darkroom(place.client)
    async with asyncio.timeout(RECORDING_SECONDS), AsyncExitStack() as stack:
        with _recorded(tape):
            await stack.enter_async_context(own_worker(place, place.client, Watch(tape.begin)))
        await _play(place, shop, order, tape)
    return tape


async def _play(place: Site, shop: Darkroom, order: Order, tape: Tape) -> None:
    await shop.start(order)
    await each(place, [order], Status.PENDING)
    tape.stages.append({})
    await shop.pay(order)
    await each(place, [order], Status.AWAITING_CONFIRM)
    tape.stages.append({})
    await shop.accept(order)
    await each(place, [order], Status.COMPLETED)
    await told(place.client, order, staff=True)


@contextmanager
def _recorded(tape: Tape) -> Iterator[None]:
    """Let the adapters that the worker builds inside the block tell the tape of their calls."""
    with ExitStack() as stack:
        for name in BOOKS:
            stack.enter_context(patch.object(worker, name, _recording(getattr(worker, name), name, tape)))
        yield


def _recording(adapter: type, name: str, tape: Tape) -> type:
    """Return the same adapter with methods that note their arguments first."""

    def noting(method: str, usual: Any) -> Any:
        async def call(self: Any, *arguments: Any) -> Any:
            tape.note(name, method, arguments)
            return await usual(self, *arguments)

        return call

    public = {method: usual for method, usual in vars(adapter).items() if not method.startswith("_")}
    return type(name, (adapter,), {method: noting(method, usual) for method, usual in public.items()})
