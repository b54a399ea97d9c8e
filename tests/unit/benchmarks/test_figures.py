"""What a benchmark ends with."""

import pytest

from benchmarks import figures
from benchmarks.figures import Figure

GOOD, BAD = Figure("a search", 6.0, "ms", 50), Figure("a scan", 60.0, "ms", 50)


def test_a_bar_that_is_missed_ends_it_badly_and_the_last_line_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        figures.end([GOOD, BAD])
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "MISSED a scan: 60 ms, bar < 50 ms"


def test_figures_that_keep_to_their_bars_or_have_none_end_it_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        figures.end([GOOD, Figure("a scan", 60.0, "ms")])
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all bars are met"


def test_a_bar_that_is_to_be_reached_is_missed_from_below() -> None:
    slow, fast = (Figure("orders over the floor", ratio, "x", 0.5, is_least=True) for ratio in (0.4, 0.5))
    assert (slow.is_met, fast.is_met) == (False, True)
    assert slow.words == "orders over the floor: 0.4 x, bar >= 0.5 x"


def test_the_table_shows_every_figure_and_its_bar(capsys: pytest.CaptureFixture[str]) -> None:
    figures.show([GOOD, BAD])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["ok", "a", "search", "6", "ms", "<", "50", "ms"] in lines
    assert ["no", "a", "scan", "60", "ms", "<", "50", "ms"] in lines


def test_the_p95_is_what_all_but_one_in_twenty_stay_below() -> None:
    assert figures.p95([1.0] * 99 + [100.0]) == 1.0
    assert figures.middle([3, 1, 2]) == 2
