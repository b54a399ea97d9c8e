"""What a benchmark ends with."""

import pytest

from benchmarks import figures
from benchmarks.figures import Figure

GOOD, BAD = Figure("a search", 6.0, "ms", 50), Figure("a scan", 60.0, "ms", 50)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_bar_that_is_missed_ends_it_badly_and_the_last_line_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        figures.end([GOOD, BAD])
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "MISSED a scan: 60 ms, bar <= 50 ms"


def test_figures_that_keep_to_their_bars_or_have_none_end_it_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        figures.end([GOOD, Figure("a scan", 60.0, "ms")])
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all bars are met"


def test_what_could_not_be_measured_is_missed_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        figures.end([GOOD, Figure("a scan", 0, "ms", error="failed with TimeoutError")])
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "MISSED a scan: failed with TimeoutError"


def test_a_bar_that_is_to_be_reached_is_missed_from_below() -> None:
    slow, fast = (Figure("orders over the floor", ratio, "x", 0.5, is_least=True) for ratio in (0.4, 0.5))
    assert (slow.is_met, fast.is_met) == (False, True)
    assert slow.words == "orders over the floor: 0.4 x, bar >= 0.5 x"


def test_a_count_may_reach_its_bar_and_not_exceed_it() -> None:
    assert [Figure("events", count, "", 50).is_met for count in (49, 50, 51)] == [True, True, False]
    assert Figure("events", 51, "", 50).words == "events: 51, bar <= 50"


def test_the_table_shows_every_figure_and_its_bar(capsys: pytest.CaptureFixture[str]) -> None:
    figures.show([GOOD, BAD, Figure("a guess", 1, "ms")])
    lines = capsys.readouterr().out.splitlines()
    assert cells(lines[0]) == ["what", "measured", "bar", ""]
    assert set(lines[1]) == {"|", "-"}
    assert [cells(line) for line in lines[2:]] == [
        ["a search", "6 ms", "<= 50 ms", "ok"],
        ["a scan", "60 ms", "<= 50 ms", "missed"],
        ["a guess", "1 ms", "", ""],
    ]


def test_the_columns_of_the_table_are_aligned() -> None:
    table = figures.markdown([Figure("任务记录", 6.0, "ms"), Figure("a longer name | with a bar", 123456, "ms")])
    assert len({len(line) + line.count("任务记录") * 4 for line in table.splitlines()}) == 1
    assert "a longer name \\| with a bar" in table


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (0.01234, "0.0123"), (9.876, "9.88"), (99.94, "99.9"), (123.4, "123"), (12345.6, "12,346")],
)
def test_a_measurement_shows_three_digits_and_no_exponent(number: float, shown: str) -> None:
    assert figures.rounded(number) == shown


def test_the_percentiles_are_what_as_many_stay_below() -> None:
    assert figures.p95([1.0] * 99 + [100.0]) == 1.0
    assert figures.p99(list(range(101))) == 99
    assert figures.p95([7.0]) == 7.0
    assert figures.middle([3, 1, 2]) == 2
