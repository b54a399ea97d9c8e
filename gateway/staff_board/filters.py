"""The filters in the board's address. What an address says wrongly is left out and named: people edit addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from adapters.db.board_filter import OrderFilter
from domain.vocabulary import ids
from domain.vocabulary.needs import NeedKind
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import Status

LONGEST_WORDS = 200  # characters
YEARS = range(2000, 2101)
STATUSES = [*Status, "awaiting_refund"]
DAYS = ("start", "end")
CHOICES: Mapping[str, list[str]] = {
    "status": [str(one) for one in STATUSES],
    "operation": [str(one) for one in Operation],
    "need": [str(one) for one in NeedKind],
}


@dataclass(frozen=True)
class Address:
    """What the address of a list asks for."""

    typed: Mapping[str, str]  # the filters that are understood
    misread: tuple[str, ...]
    wanted: OrderFilter
    before: tuple[datetime, str] | None = None

    def said(self, name: str) -> str:
        """Return a filter as typed; '' if it is not set."""
        return self.typed.get(name, "")

    def query(self, **changes: str | None) -> str:
        """Return the query string of these filters with some changed; '' if there are none."""
        named = {**self.typed, **changes}
        return urlencode({name: value for name, value in named.items() if value})


def read(query: Mapping[str, str], zone: ZoneInfo) -> Address:
    """Return what a query string asks for; dates are days of the shop."""
    understood = {name: said for name, known in CHOICES.items() if (said := query.get(name, "")) in known}
    days = {name: day for name in DAYS if (day := _day(query.get(name, "")))}
    values = understood | {name: day.isoformat() for name, day in days.items()}
    misread = tuple(name for name in (*CHOICES, *DAYS) if query.get(name) and name not in values)
    for name in ("q", "model", "acc_id"):
        if said := " ".join(query.get(name, "").replace("\0", " ").split())[:LONGEST_WORDS]:
            values[name] = said
    if query.get("high_value") == "true":
        values["high_value"] = "true"
    wanted = OrderFilter(
        words=ids.order_named(values.get("q", "")),
        status=values.get("status"),
        operation=values.get("operation"),
        need=values.get("need"),
        model=values.get("model", ""),
        acc_id=values.get("acc_id", ""),
        start=_midnight(days["start"], zone) if "start" in days else None,
        end=_midnight(days["end"] + timedelta(days=1), zone) if "end" in days else None,
        is_high_value="high_value" in values,
    )
    return Address(values, misread, wanted, _place(query.get("before", "")))


def place_of(created_at: datetime, order_id: str) -> str:
    """Return the place of an order in the list, for the next page's address."""
    return f"{created_at.isoformat()}~{order_id}"


def _place(said: str) -> tuple[datetime, str] | None:
    moment, _, order_id = said.partition("~")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (found, order_id[:100]) if found.tzinfo and order_id.isprintable() else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    return found if found.year in YEARS else None
