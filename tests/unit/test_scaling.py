"""The figures of docs/scaling.md follow from what we measured, and from each other."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from domain.vocabulary.costs import Costs
from runtime.paths import ROOT
from runtime.settings import Settings

PAGE = (ROOT / "docs" / "scaling.md").read_text()
README = (ROOT / "README.md").read_text()
DAYS, BUSIEST_HOUR, PEAK_USE = 30, 0.1, 0.6  # of a month; a share of the day's orders; of a core, at the peak
HOURS, GIGABYTE = 24 * DAYS, 1e6  # GB in KB
LIST_PRICES = (
    (5, 50),
    (10, 45),
    (20, 40),
    (50, 35),
    (100, 30),
    (200, 25),
)  # millions of actions up to, dollars a million
ACTIVE, RETAINED, S3 = 0.042, 0.00105, 0.023  # dollars a GB: an hour, an hour, a month


def number(text: str) -> float:
    found = re.match(r"[\d,.]+", text.removeprefix("$"))
    assert found, text
    return float(found[0].replace(",", ""))


def table(heading: str) -> dict[str, list[str]]:
    """The cells behind the first one of each row, without the head."""
    rows = [line.strip("|").split("|") for line in PAGE.partition(f"## {heading}\n")[2].splitlines()]
    part = rows[: next(at for at, row in enumerate(rows) if row[0].startswith("## "))]
    return {name.strip(): [cell.strip() for cell in cells] for name, *cells in part[1:] if cells and "---" not in name}


ONE, WORKED = table("One order"), table("Worked through")
BASE = {name: number(cells[0]) for name, cells in ONE.items() if name != "what"}


def actions_cost(millions: float) -> float:
    """Dollars a month; beyond the list, at its last price."""
    cost, before = 0.0, 0
    for up_to, price in LIST_PRICES:
        cost, before = cost + max(0, min(millions, up_to) - before) * price, up_to
    return cost + max(0, millions - before) * LIST_PRICES[-1][1]


def peak(day: float) -> float:
    return day * BUSIEST_HOUR / 3600


def cores(day: float, milliseconds: str) -> float:
    return peak(day) * BASE[milliseconds] / 1000 / PEAK_USE


def active(day: float) -> float:
    return day * BASE["days that an order is open"] * BASE["history, encrypted"] / GIGABYTE


def retained(day: float) -> float:
    return day * DAYS * BASE["history, encrypted"] / GIGABYTE


def monthly(day: float, kilobytes: str) -> float:
    return day * DAYS * BASE[kilobytes] / GIGABYTE


FORMULAS: dict[str, Callable[[float], float]] = {
    "orders a second, in the busiest hour": peak,
    "events a second, then": lambda day: peak(day) * BASE["events"],
    "actions a second, then": lambda day: peak(day) * BASE["actions of Temporal Cloud"],
    "open orders": lambda day: day * BASE["days that an order is open"],
    "histories of open orders, GB": active,
    "histories of closed orders, 30 days, GB": retained,
    "cores for workflows, at 60 %": lambda day: cores(day, "CPU of the worker"),
    "cores for pixels, at 60 %": lambda day: cores(day, "CPU of a picture"),
    "cores of Temporal, at 60 %": lambda day: cores(day, "CPU of Temporal"),
    "model calls a minute, then": lambda day: peak(day) * 60 * BASE["calls to models"],
    "pictures in progress, with a model of 10 s": lambda day: peak(day) * 10,
    "rows a month, million": lambda day: day * DAYS * BASE["rows in Postgres"] / 1e6,
    "Postgres grows a month, GB": lambda day: monthly(day, "in Postgres, with indexes"),
    "log of Postgres, MB/s, then": lambda day: peak(day) * BASE["log of Postgres"] / 1000,
    "storage grows a month, TB": lambda day: monthly(day, "in storage") / 1000,
    "models, a month": lambda day: day * DAYS * BASE["cost of models"],
    "Temporal Cloud, actions": lambda day: actions_cost(day * DAYS * BASE["actions of Temporal Cloud"] / 1e6),
    "Temporal Cloud, histories": lambda day: (active(day) * ACTIVE + retained(day) * RETAINED) * HOURS,
    "S3, for the pictures of a month": lambda day: monthly(day, "in storage") * S3,
}


def shown(value: float) -> str:
    """Two significant digits, without an exponent."""
    if value >= 100:  # two digits are left
        digits = len(str(int(value))) - 2
        return f"{round(value, -digits):,.0f}"
    return f"{value:.2g}"


def test_each_row_of_the_worked_table_has_its_formula() -> None:
    assert list(WORKED) == ["orders a day", *FORMULAS]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_figure_follows_from_those_of_one_order(name: str) -> None:
    told = [value.removeprefix("$") for value in WORKED[name]]
    assert told == [shown(FORMULAS[name](day)) for day in (1_000, 100_000, 10_000_000)]


@pytest.mark.parametrize(
    ("base", "measured"),
    [
        ("events", "history of an order, events"),
        ("workflow tasks", "history of an order, workflow tasks"),
        ("actions of Temporal Cloud", "history of an order, actions of Temporal Cloud"),
        ("history, encrypted", "history of an order, with a codec"),
        ("CPU of the worker", "CPU of the worker, an order"),
        ("CPU of Temporal", "CPU of Temporal, an order"),
        ("memory of a cached order", "memory of a cached order"),
    ],
)
def test_the_figures_of_one_order_are_those_of_the_readme(base: str, measured: str) -> None:
    (told,) = re.findall(rf"^\| {measured} +\| ([\d.,]+)", README, re.MULTILINE)
    assert BASE[base] == number(told)


def test_an_order_costs_what_our_price_table_says() -> None:
    costs = Costs(exchange_rates={"USD": Decimal(1)}, currency="USD")
    calls = {"image": "gemini-3.1-flash-image", "analysis": "gemini-3.5-flash-lite", "score": "gemini-3.5-flash-lite"}
    spent = [costs.expected(model, kind) for kind, model in calls.items()]  # type: ignore[arg-type]
    assert len(spent) == BASE["calls to models"]
    assert float(sum(spent)) == pytest.approx(BASE["cost of models"], rel=0.01)


def test_an_order_is_open_as_long_as_the_settings_say() -> None:
    assert BASE["days that an order is open"] == Settings.model_fields["aftercare_days"].default
