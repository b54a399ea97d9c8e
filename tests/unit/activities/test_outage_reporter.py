from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from activities.outage_reporter import OutageReporter
from activities.outages import QUIET, TELL_AFTER, Outages
from domain.vocabulary.errors import OutsideUnavailable
from domain.vocabulary.quarantine import SetAside
from tests.fakes import DefaultPhrases, FakeStaff
from tests.unit.activities.test_outages import Clock

ROW = SetAside(
    row_id="1f0c", table_name="payments", key="ORDER_1 p1 refund", reason="Postgres refuses a value",
    is_whole=True, created_at=datetime(2026, 11, 22, tzinfo=UTC),
)  # fmt: skip
WELL, AWAY = {"postgres": "ok", "queue orders": "NotPolling"}, {"postgres": "OSError", "queue orders": "ok"}


class Aside:
    rows: list[SetAside] = []  # noqa: RUF012 - each test has its own

    async def tell(self, staff: Callable[[list[SetAside]], Awaitable[None]]) -> None:
        if self.rows:
            await staff(self.rows)
            self.rows = []


class Post:
    """A reporter on fakes."""

    def __init__(self) -> None:
        self.clock, self.staff, self.aside = Clock(), FakeStaff(), Aside()
        self.outages = Outages(self.clock)
        self.reporter = OutageReporter(self.outages, self.staff, DefaultPhrases(), self.aside)

    async def look_for(self, seconds: float, checks: dict[str, str]) -> None:
        for _ in range(int(seconds // 15) + 1):
            await self.reporter.look(checks)
            self.clock.now += 15


@pytest.fixture
def post() -> Post:
    return Post()


async def test_what_is_away_is_told_once_and_once_when_it_is_back(post: Post) -> None:
    await post.look_for(3 * TELL_AFTER, AWAY)
    await post.look_for(3 * QUIET, WELL)
    begun, over = post.staff.told
    assert begun.startswith("**数据库有问题")
    assert over.startswith("**数据库恢复了**")


async def test_staff_who_cannot_be_told_now_are_told_at_the_next_look(post: Post) -> None:
    post.staff.failures = [OutsideUnavailable("away")] * 2
    await post.look_for(3 * TELL_AFTER, AWAY)
    assert len(post.staff.told) == 1


async def test_rows_that_were_refused_are_told_with_what_to_do(post: Post) -> None:
    post.aside.rows = [ROW]
    await post.look_for(30, WELL)
    (told,) = post.staff.told
    assert "payments ORDER_1 p1 refund: Postgres refuses a value" in told
    assert "darkroom db quarantine retry" in told
