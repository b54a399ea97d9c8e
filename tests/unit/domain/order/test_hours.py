"""Shop hours: 9 to 23 in Shanghai, which is UTC+8."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.order import hours
from domain.vocabulary.rules import ShopRules
from tests.unit.domain.making import new_order, phrases

RULES = ShopRules()
HALF_AN_HOUR = timedelta(minutes=30)


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(("hour", "is_open"), [(0, False), (8, False), (9, True), (22, True), (23, False)])
def test_the_shop_is_open_from_nine_to_twenty_three(hour: int, is_open: bool) -> None:
    assert hours.is_open(shanghai(22, hour), RULES) is is_open


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (shanghai(22, 10), shanghai(22, 10, 30)),
        (shanghai(22, 22, 45), shanghai(23, 9, 15)),
        (shanghai(22, 22, 30), shanghai(22, 23)),
        (shanghai(22, 23, 30), shanghai(23, 9, 30)),
        (shanghai(23, 3), shanghai(23, 9, 30)),
    ],
    ids=["by day", "over the night", "to the minute", "late", "before dawn"],
)
def test_a_deadline_for_people_runs_only_while_the_shop_is_open(start: datetime, end: datetime) -> None:
    assert hours.add_open_hours(start, HALF_AN_HOUR, RULES) == end


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (shanghai(22, 10), shanghai(22, 10, 30), 30),
        (shanghai(22, 22, 45), shanghai(23, 9, 15), 30),
        (shanghai(22, 23, 30), shanghai(23, 8), 0),
        (shanghai(22, 8), shanghai(23, 23, 30), 2 * 14 * 60),
        (shanghai(22, 12), shanghai(22, 11), 0),
    ],
    ids=["by day", "over the night", "closed", "two days", "backwards"],
)
def test_the_time_that_is_left_counts_only_shop_hours(start: datetime, end: datetime, minutes: int) -> None:
    assert hours.open_time(start, end, RULES) == timedelta(minutes=minutes)


def test_days_of_work_take_as_many_days_of_shop_hours() -> None:
    assert hours.add_open_hours(shanghai(22, 9), timedelta(hours=30), RULES) == shanghai(24, 11)


def test_a_shop_that_never_closes_loses_no_time() -> None:
    always = ShopRules(opens_at=0, closes_at=24)
    assert hours.add_open_hours(shanghai(22, 23, 45), HALF_AN_HOUR, always) == shanghai(23, 0, 15)


def test_a_customer_who_waits_for_staff_at_night_hears_once_when_work_resumes() -> None:
    order = new_order()
    hours.tell_when_closed(order, shanghai(22, 23, 30))
    hours.tell_when_closed(order, shanghai(23, 1))
    assert phrases(order) == ["shop_closed"]
    assert order.outbox[0].values == {"opens": "9:00"}
    hours.tell_when_closed(order, shanghai(23, 10))
    hours.tell_when_closed(order, shanghai(23, 23, 10))
    assert phrases(order) == ["shop_closed"] * 2
