"""The gateway's metrics for Prometheus at /metrics: its requests and statements, and the state of the whole shop.

docs/telemetry.md says what each one means. The state is read from Postgres at a scrape, at most every 15 seconds.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_fastapi_instrumentator import Instrumentator

from adapters.db.shop_state import Row, ShopState
from domain.vocabulary.errors import DarkroomError
from domain.vocabulary.needs import NeedKind
from domain.vocabulary.status import Status

FRESH_SECONDS = 15.0
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)


class States(Protocol):
    """Where the state of the shop is read."""

    async def read(self) -> ShopState:
        """Return the state of now. Raises DarkroomError."""


class ShopMetrics(Collector):
    """The state of the shop as metrics; without them while Postgres cannot be read."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._state: ShopState | None = None
        self._read_at = -math.inf
        self._lock = asyncio.Lock()

    async def refresh(self, states: States) -> None:
        """Read the state again if it is older than 15 seconds."""
        async with self._lock:
            if self._clock() - self._read_at < FRESH_SECONDS:
                return
            try:
                self._state = await states.read()
            except DarkroomError:
                self._state = None
            self._read_at = self._clock()

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        yield _gauge("darkroom_records_readable", "Whether Postgres answers the gateway", [((), bool(self._state))])
        if self._state:
            yield from _of(self._state)


def _of(state: ShopState) -> Iterator[Metric]:
    yield _by_status("darkroom_orders_open", "Orders that are not finished", state.open_orders)
    yield _by_status("darkroom_orders_new", "Orders of the last 24 hours", state.new_orders)
    needs = {row["kind"]: row for row in state.needs}
    for name, about, of in (
        ("darkroom_needs_open", "What staff have to do", "needs"),
        ("darkroom_needs_oldest_seconds", "Age of the oldest one", "oldest"),
    ):
        values = [((kind.value,), float(needs[kind][of]) if kind in needs else 0.0) for kind in NeedKind]
        yield _gauge(name, about, values, ["kind"])
    waiting = [row for row in state.designers if row["is_waiting"]]
    busy = [row for row in state.designers if not row["is_waiting"]]
    tasks = [(("waiting",), _sum(waiting)), (("assigned",), _sum(busy))]
    yield _gauge("darkroom_designer_tasks", "Open tasks of human designers", tasks, ["state"])
    oldest = max((float(row["oldest"]) for row in state.designers), default=0.0)
    yield _gauge("darkroom_designer_tasks_oldest_seconds", "Age of the oldest open task", [((), oldest)])
    yield _gauge("darkroom_designers_busy", "Designers who have open tasks", [((), len(busy))])
    most = max((row["tasks"] for row in busy), default=0)
    yield _gauge("darkroom_designer_tasks_most", "Open tasks of the designer who has most", [((), most)])


def _sum(rows: Sequence[Row]) -> int:
    return sum(row["tasks"] for row in rows)


def _by_status(name: str, about: str, rows: Sequence[Row]) -> Metric:
    found = {row["status"]: row["orders"] for row in rows}
    return _gauge(name, about, [((status.value,), found.get(status, 0)) for status in Status], ["status"])


def _gauge(
    name: str, about: str, values: Iterable[tuple[Sequence[str], float]], labels: Sequence[str] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


class Metrics:
    """All metrics of one gateway, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._shop = ShopMetrics()
        self._registry.register(self._shop)
        self._statements = Histogram(
            "darkroom_gateway_statement_seconds",
            "Statements of the gateway to Postgres",
            ["verb"],
            buckets=SECONDS,
            registry=self._registry,
        )

    def statement(self, verb: str, seconds: float) -> None:
        """Record a statement."""
        self._statements.labels(verb).observe(seconds)

    def install(self, app: FastAPI) -> None:
        """Measure the app's requests by route, and serve /metrics."""
        instrumentator = Instrumentator(excluded_handlers=["/metrics", "/healthz", "/readyz"], registry=self._registry)
        instrumentator.instrument(app)
        router = APIRouter()

        @router.get("/metrics", include_in_schema=False)
        async def metrics(request: Request) -> Response:
            await self._shop.refresh(request.state.shop_states)
            return Response(generate_latest(self._registry), headers={"content-type": CONTENT_TYPE_LATEST})

        app.include_router(router)
