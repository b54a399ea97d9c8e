"""The statistics of the page: totals, and the bars of the day-by-day chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from domain.task_history.records import Statistics

MOST_DAYS = 92  # in the chart
USUAL_DAYS = 30
HEIGHT = 100.0  # of the chart, in its own units
GAP = 0.22  # share of a bar's width


@dataclass(frozen=True)
class Totals:
    """What the statistics cards show."""

    total: int = 0
    successful: int = 0
    failed: int = 0
    tokens: int = 0
    credits: int = 0
    milliseconds: int = 0

    @classmethod
    def of(cls, periods: Sequence[Statistics]) -> Self:
        """Return the sum of periods."""
        return cls(
            sum(one.total_tasks for one in periods),
            sum(one.successful_tasks for one in periods),
            sum(one.failed_tasks for one in periods),
            sum(one.total_tokens_used for one in periods),
            sum(one.total_credits_deducted for one in periods),
            sum(one.total_generation_time_ms for one in periods),
        )

    @property
    def pending(self) -> int:
        """Tasks that have not ended."""
        return max(0, self.total - self.successful - self.failed)

    @property
    def rate(self) -> float | None:
        """The share of ended tasks that succeeded; None if none has ended."""
        ended = self.successful + self.failed
        return self.successful / ended if ended else None

    @property
    def average_ms(self) -> float | None:
        """Average duration of successful tasks in milliseconds; None if there are none."""
        return self.milliseconds / self.successful if self.successful else None


@dataclass(frozen=True)
class Bar:
    """A day of the chart; x, widths and heights in the chart's own units, from the bottom."""

    day: date
    totals: Totals
    x: float
    width: float
    successful: float
    failed: float
    pending: float


@dataclass(frozen=True)
class Chart:
    """A bar for each day."""

    bars: Sequence[Bar]
    most: int

    @property
    def first(self) -> date:
        """The first day."""
        return self.bars[0].day

    @property
    def last(self) -> date:
        """The last day."""
        return self.bars[-1].day

    @property
    def width(self) -> int:
        """Width in the chart's own units: one for each day."""
        return len(self.bars)

    @property
    def total(self) -> int:
        """All tasks of the chart."""
        return sum(bar.totals.total for bar in self.bars)


def span(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """Return the days of the chart: those of the filter, at most the last 92, or else the last 30."""
    last = min(end or today, today) if start is None or start <= today else end or start
    first = start or last - timedelta(days=USUAL_DAYS - 1)
    return max(min(first, last), last - timedelta(days=MOST_DAYS - 1)), last


def chart(first: date, last: date, found: dict[date, Totals]) -> Chart:
    """Return the chart of these days; a day that is not found has no tasks."""
    days = [first + timedelta(days=index) for index in range((last - first).days + 1)]
    most = max((found.get(day, Totals()).total for day in days), default=0)
    return Chart([_bar(index, day, found.get(day, Totals()), most) for index, day in enumerate(days)], most)


def _bar(index: int, day: date, totals: Totals, most: int) -> Bar:
    def height(count: int) -> float:
        return round(count / most * HEIGHT, 2) if most else 0.0

    return Bar(
        day, totals, round(index + GAP / 2, 2), round(1 - GAP, 2),
        height(totals.successful), height(totals.failed), height(totals.pending),
    )  # fmt: skip
