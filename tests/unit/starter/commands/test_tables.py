"""No id, link or word is cut, however narrow the terminal; other programs get one line a row."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from starter.commands.tables import print_facts, print_table

ORDER = "ORDER_20261122_7K3F9Q"
LINK = "http://127.0.0.1:8233/namespaces/default/workflows/order-ORDER_20261122_7K3F9Q"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes it for a terminal
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")  # a dumb one is 80 wide whatever COLUMNS says
    return monkeypatch


@pytest.mark.parametrize("width", [10, 20, 40, 80, 200])
def test_an_id_stays_in_one_line_however_narrow_the_terminal(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    terminal.setenv("COLUMNS", str(width))
    row = (ORDER, "待确认 awaiting_confirm", "wang" * 10, "shop-1")
    print_table(("order", "status", "customer", "shop"), [row] * 3, whole={"order"})
    shown = capsys.readouterr().out
    assert shown.count(ORDER) == 3
    assert "…" not in shown
    letters = "".join(shown.split())
    assert letters.count("w") + letters.count("a") > 40 * 3 / 2  # what is folded is whole


def test_a_link_is_not_broken_by_the_edge_of_the_terminal(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.setenv("COLUMNS", "40")
    print_facts([("Web UI", LINK), ("customer", "wang")])
    assert capsys.readouterr().out.splitlines() == [f"Web UI    {LINK}", "customer  wang"]


def test_in_a_pipe_each_row_is_a_line_with_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("order", "said"), [(ORDER, "one\ttwo\nthree"), ("x", "[bold]")], whole={"order"}, nothing="none")
    assert capsys.readouterr().out == f"{ORDER}\tone two three\nx\t[bold]\n"


def test_in_a_pipe_nothing_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("order",), [], nothing="no orders match")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "no orders match\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(some.lists(some.lists(some.text(), min_size=2, max_size=2), min_size=1, max_size=5))
def test_whatever_stands_in_a_cell_a_row_is_one_line(capsys: pytest.CaptureFixture[str], rows: list[list[str]]) -> None:
    capsys.readouterr()
    print_table(("a", "b"), rows)
    printed = capsys.readouterr().out.removesuffix("\n").split("\n")
    assert [line.count("\t") for line in printed] == [1] * len(rows)
