"""How benchmarks are run: none holds up the others."""

import asyncio
import sys
from types import ModuleType

import pytest

from benchmarks import running, scale
from benchmarks.figures import Figure
from benchmarks.running import Benchmark
from benchmarks.scale import QUICK, Scale


async def good(size: Scale) -> list[Figure]:
    return [Figure("rounds", size.rounds, "")]


async def broken(_: Scale) -> list[Figure]:
    raise ExceptionGroup("several", [ExceptionGroup("at once", [RuntimeError("no server")]), ValueError()])


async def endless(_: Scale) -> list[Figure]:
    await asyncio.Event().wait()
    return []


async def test_one_that_breaks_or_never_ends_is_a_missed_figure_and_the_next_one_is_measured() -> None:
    found = await running.measure_all(
        [Benchmark("broken", broken, 1), Benchmark("endless", endless, 0), Benchmark("good", good, 1)], QUICK
    )
    assert [figure.words for figure in found] == [
        "broken: failed with RuntimeError",
        "endless: failed with TimeoutError",
        "rounds: 1",
    ]
    assert [figure.is_met for figure in found] == [False, False, True]


def test_the_end_of_all_is_told_by_the_exit_status_and_the_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QUICK", "1")
    monkeypatch.setattr(running, "cancel_on_signals", lambda: None)
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    with pytest.raises(SystemExit) as ended:
        running.run(Benchmark("good", good, 1), Benchmark("broken", broken, 1))
    assert ended.value.code == 1
    output = capsys.readouterr().out.splitlines()
    assert output[0].startswith("Measured on ")
    assert output[-1] == "MISSED broken: failed with RuntimeError"


@pytest.mark.parametrize(("value", "is_quick"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_the_environment_selects_a_quick_look(value: str, is_quick: bool) -> None:
    assert scale.chosen({"QUICK": value}) == (QUICK if is_quick else Scale())
    assert scale.chosen({}) == Scale()
