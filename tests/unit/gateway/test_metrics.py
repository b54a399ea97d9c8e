"""The state of the shop at /metrics: read once in a while, and absent while Postgres is away."""

from prometheus_client import CollectorRegistry, generate_latest

from adapters.db.shop_state import ShopState
from domain.vocabulary.errors import OutsideUnavailable
from gateway.metrics import FRESH_SECONDS, ShopMetrics

STATE = ShopState(
    open_orders=[{"status": "failed", "orders": 2}],
    new_orders=[{"status": "completed", "orders": 5}],
    needs=[{"kind": "payment", "needs": 3, "oldest": 60.5}],
    designers=[
        {"is_waiting": True, "tasks": 1, "oldest": 10.0},
        {"is_waiting": False, "tasks": 4, "oldest": 99.0},
        {"is_waiting": False, "tasks": 2, "oldest": 5.0},
    ],
)


class States:
    """A table that may be away."""

    def __init__(self) -> None:
        self.reads = 0
        self.is_away = False

    async def read(self) -> ShopState:
        self.reads += 1
        if self.is_away:
            raise OutsideUnavailable("away")
        return STATE


def scraped(metrics: ShopMetrics) -> list[str]:
    registry = CollectorRegistry()
    registry.register(metrics)
    return generate_latest(registry).decode().splitlines()


async def test_the_state_is_told_and_read_once_in_a_while() -> None:
    now, states = 1000.0, States()
    metrics = ShopMetrics(lambda: now)
    await metrics.refresh(states)
    await metrics.refresh(states)
    assert states.reads == 1
    assert {
        "darkroom_records_readable 1.0",
        'darkroom_orders_open{status="failed"} 2.0',
        'darkroom_orders_new{status="completed"} 5.0',
        'darkroom_needs_open{kind="payment"} 3.0',
        'darkroom_needs_oldest_seconds{kind="payment"} 60.5',
        'darkroom_needs_open{kind="letter"} 0.0',
        'darkroom_designer_tasks{state="waiting"} 1.0',
        'darkroom_designer_tasks{state="assigned"} 6.0',
        "darkroom_designer_tasks_oldest_seconds 99.0",
        "darkroom_designer_tasks_most 4.0",
        "darkroom_designers_busy 2.0",
    } <= set(scraped(metrics))
    now += FRESH_SECONDS
    await metrics.refresh(states)
    assert states.reads == 2


async def test_an_old_state_is_not_told_while_postgres_is_away() -> None:
    now, states = 1000.0, States()
    metrics = ShopMetrics(lambda: now)
    await metrics.refresh(states)
    now, states.is_away = now + FRESH_SECONDS, True
    await metrics.refresh(states)
    await metrics.refresh(states)
    assert states.reads == 2
    values = [line for line in scraped(metrics) if not line.startswith("#")]
    assert values == ["darkroom_records_readable 0.0"]
