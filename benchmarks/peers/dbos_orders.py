"""The worker process of the peer: the same order on DBOS Transact, with its checkpoints in the same Postgres.

It is written as DBOS recommends: a workflow function whose steps are checkpointed, in the process that receives the
customer's events. For each activity of the product it runs one step, and the step makes the activity's transactions:
the same calls to the same adapters, with the values of a real order. Only the ids of the order and its customer
differ. It waits for the payment and for the acceptance with `DBOS.recv`. Each commit is synced to disk, as the
product's and those of its Temporal server are.

The peer is favoured where the two cannot be alike: it computes no rules and no texts, passes no state from step to
step, and is told of events in its own process, without a server in between.

    python -m benchmarks.peers.dbos_orders TAPE

TAPE is what `benchmarks/tape.py` has recorded. Lines of its input are `start ORDER_ID CUSTOMER_ID` and `tell ORDER_ID`.
"""

import asyncio
import pickle
import sys
from os import environ
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID

from adapters.db.engine import create_engine
from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords

PATIENCE_SECONDS = 600.0
THREADS = 64  # that wait for DBOS's own statements

Stages = list[list[list[tuple[str, str, tuple[Any, ...]]]]]

RECORDED_ORDER, RECORDED_CUSTOMER, RECORDED = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - our own
ENGINE = create_engine(environ["DATABASE_URL"])
ADAPTERS = {"PostgresRecords": PostgresRecords(ENGINE), "PostgresLedger": PostgresLedger(ENGINE)}


@DBOS.workflow()  # type: ignore[untyped-decorator]  # DBOS has an environment of its own
async def order(order_id: str, customer_id: str) -> str:
    """Play an order: its steps, and between its stages the customer's two events."""
    for number, steps in enumerate(stages_of(order_id, customer_id)):
        if number and await DBOS.recv_async(timeout_seconds=PATIENCE_SECONDS) is None:
            raise TimeoutError(order_id)
        for calls in steps:
            await perform(calls)
    return "completed"


@DBOS.step()  # type: ignore[untyped-decorator]
async def perform(calls: list[tuple[str, str, tuple[Any, ...]]]) -> int:
    """Make the transactions of an activity, and return their number. What it does outside is done by fakes, at once."""
    for adapter, method, arguments in calls:
        await getattr(ADAPTERS[adapter], method)(*arguments)
    return len(calls)


def stages_of(order_id: str, customer_id: str) -> Stages:
    """Return the recorded calls with the ids of this order, which are as long as those recorded.

    Ids of pictures, files and calls are made from the part of the order's id after its prefix.
    """
    recorded, own = (one.partition("_")[2].encode() for one in (RECORDED_ORDER, order_id))
    assert len(recorded) == len(own)
    assert len(RECORDED_CUSTOMER) == len(customer_id)
    renamed = RECORDED.replace(recorded, own).replace(RECORDED_CUSTOMER.encode(), customer_id.encode())
    stages: Stages = pickle.loads(renamed)  # noqa: S301 - our own
    return stages


async def receive(line: str) -> None:
    """Start an order or pass an event on."""
    what, order_id, *rest = line.split()
    if what == "start":
        with SetWorkflowID(order_id):
            await DBOS.start_workflow_async(order, order_id, *rest)
    else:
        event = {"event_id": "e1", "payment_id": "pay-1", "amount": "18.00", "currency": "CNY"}
        await DBOS.send_async(order_id, event)


async def main() -> None:
    """Serve until the input ends."""
    config: DBOSConfig = {
        "name": "peer",
        "system_database_url": environ["PEER_SYSTEM_URL"],
        "max_executor_threads": THREADS,
        "log_level": "ERROR",
    }
    DBOS(config=config)
    DBOS.launch()
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", flush=True)
    async with asyncio.TaskGroup() as group:
        while line := await reader.readline():
            group.create_task(receive(line.decode()))
    DBOS.destroy()


if __name__ == "__main__":
    asyncio.run(main())
