"""The shop's yesterday, and the middle of its night."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.upkeep import days


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "hour"), [(9, 23, 4), (0, 24, 0), (8, 20, 2), (10, 22, 4), (0, 1, 12), (6, 24, 3)]
)
def test_upkeep_runs_in_the_middle_of_the_night(opens_at: int, closes_at: int, hour: int) -> None:
    assert days.quietest_hour(opens_at, closes_at) == hour
    assert not opens_at < hour < closes_at or closes_at - opens_at == 24


def test_yesterday_is_the_shops_own_day() -> None:
    day, begins, ends = days.yesterday(datetime(2026, 11, 30, 20, 0, tzinfo=UTC), "Asia/Shanghai")
    assert (day.isoformat(), begins.astimezone(UTC)) == ("2026-11-30", datetime(2026, 11, 29, 16, tzinfo=UTC))
    assert ends - begins == timedelta(days=1)


def test_a_day_of_a_changed_clock_has_23_hours() -> None:
    _, begins, ends = days.yesterday(datetime(2026, 3, 30, 2, 0, tzinfo=UTC), "Europe/Berlin")
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=23)
