"""The statistics of the page."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.task_history.records import Period, Statistics
from gateway.history_page.charts import HEIGHT, MOST_DAYS, Totals, chart, span

TODAY = date(2026, 11, 30)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def totals(total: int, successful: int, failed: int) -> Totals:
    return Totals(total, successful, failed)


@given(st.none() | DAYS, st.none() | DAYS)
def test_a_chart_shows_the_days_of_the_filter_and_never_too_many(start: date | None, end: date | None) -> None:
    if start and end and start > end:
        start, end = end, start
    first, last = span(start, end, TODAY)
    assert 0 <= (last - first).days < MOST_DAYS
    assert start is None or first >= start or last < start
    assert end is None or last <= end
    assert len(chart(first, last, {}).bars) == (last - first).days + 1


def test_without_a_filter_it_shows_thirty_days_until_today() -> None:
    assert span(None, None, TODAY) == (date(2026, 11, 1), TODAY)


def test_the_highest_bar_fills_the_chart_and_all_of_a_day_is_in_its_bar() -> None:
    days = {TODAY: totals(8, 5, 2), TODAY - timedelta(days=1): totals(4, 4, 0)}
    shown = chart(TODAY - timedelta(days=2), TODAY, days)
    heights = [bar.successful + bar.failed + bar.pending for bar in shown.bars]
    assert heights == pytest.approx([0, HEIGHT / 2, HEIGHT])
    assert (shown.total, shown.most, shown.first, shown.last) == (12, 8, TODAY - timedelta(days=2), TODAY)


def test_totals_are_the_sums_of_their_periods() -> None:
    day = Statistics(Period.DAY, TODAY, 4, 2, 1, 300, 5, 9000)
    both = Totals.of([day, day])
    assert both == Totals(8, 4, 2, 600, 10, 18000)
    assert both.pending == 2
    assert both.rate == pytest.approx(4 / 6)
    assert both.average_ms == 4500


def test_nothing_that_ended_has_no_rate_and_no_average() -> None:
    assert totals(3, 0, 0).rate is None
    assert totals(3, 0, 0).average_ms is None
