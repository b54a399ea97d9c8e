"""Figures, times and days as people read them."""

from datetime import date

import pytest

from gateway.history_page import figures
from gateway.history_page.rendering import TEXTS

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("day", "chinese", "english"),
    [
        (TODAY, "今天", "Today"),
        (date(2026, 11, 29), "昨天", "Yesterday"),
        (date(2026, 11, 28), "11月28日 星期六", "28 November Saturday"),
        (date(2025, 11, 30), "2025年11月30日 星期日", "30 November 2025 Sunday"),
    ],
)
def test_a_day_is_named_as_people_say_it(day: date, chinese: str, english: str) -> None:
    assert figures.day_name(TEXTS["zh"], day, TODAY) == chinese
    assert figures.day_name(TEXTS["en"], day, TODAY) == english


@pytest.mark.parametrize(
    ("milliseconds", "words"), [(None, ""), (0, "0 秒"), (1240, "1.2 秒"), (59_000, "59 秒"), (90_000, "1.5 分钟")]
)
def test_a_duration_is_in_seconds_or_minutes(milliseconds: int | None, words: str) -> None:
    assert figures.duration(TEXTS["zh"], milliseconds) == words


@pytest.mark.parametrize(("share", "words"), [(0, "0%"), (0.975, "97.5%"), (1, "100%"), (2 / 3, "66.7%")])
def test_a_share_has_at_most_one_decimal(share: float, words: str) -> None:
    assert figures.percent(share) == words
