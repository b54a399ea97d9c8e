"""The peer of `benchmarks.orders`: starts its worker process, and plays orders on it."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from benchmarks import tape
from benchmarks.child import ChildWorker, child_worker
from benchmarks.playing import Order, Site
from benchmarks.servers import url_of
from runtime.paths import ROOT

PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"
PROGRAM = "benchmarks.peers.dbos_orders"
SYSTEM_DATABASE = "peer"  # where DBOS keeps its checkpoints, on the same Postgres


class PeerMissing(RuntimeError):
    """The peer's packages are not installed."""


@dataclass(frozen=True)
class Peer:
    """The order on DBOS. Its events are lines to its process."""

    worker: ChildWorker

    async def start(self, order: Order) -> None:
        """Start the workflow."""
        self.worker.tell(f"start {order.order_id} {order.customer_id}")

    async def pay(self, order: Order) -> None:
        """Send it an event."""
        self.worker.tell(f"tell {order.order_id}")

    async def accept(self, order: Order) -> None:
        """Send it an event."""
        self.worker.tell(f"tell {order.order_id}")


@asynccontextmanager
async def peer_worker(place: Site) -> AsyncIterator[ChildWorker]:
    """Record the transactions of an order, and run a process of the peer that repeats them."""
    if not PYTHON.exists():
        raise PeerMissing("run `make bench`, which installs the peer")
    await place.rows.execute(f'CREATE DATABASE "{SYSTEM_DATABASE}"')
    recorded = await tape.record(place)
    system = make_url(place.stack.env["DATABASE_URL"]).set(drivername="postgresql", database=SYSTEM_DATABASE)
    env = {
        "PEER_SYSTEM_URL": system.render_as_string(hide_password=False),
        "DATABASE_URL": url_of(place.stack, "darkroom_worker"),
    }
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        path = Path(folder) / "tape"
        path.write_bytes(recorded.dump())
        async with child_worker(PROGRAM, str(path), env=env, python=str(PYTHON)) as worker:
            yield worker
