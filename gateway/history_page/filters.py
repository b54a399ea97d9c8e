"""The filters in the page's address."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from domain.task_history.records import TaskFilter, TaskStatus, TaskType
from domain.vocabulary.errors import MalformedRequest

LONGEST_WORDS = 200  # characters
MOST_PAGES = 1_000_000
YEARS = range(2000, 2101)  # others are mistyped, and arithmetic with them may fail
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Address:
    """What the address of the page asks for. What it says wrongly is left out and named: people edit addresses."""

    filter: TaskFilter
    page: int = 1
    misread: tuple[str, ...] = ()  # the filters that are not understood


def read(query: Mapping[str, str]) -> Address:
    """Return what a query string asks for."""
    start, end = _day(query.get("start_date", "")), _day(query.get("end_date", ""))
    if start and end and start > end:
        start, end = end, start
    words = " ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST_WORDS]
    wanted = TaskFilter(
        start_date=start,
        end_date=end,
        status=_word(TaskStatus, query.get("status", "")),
        task_type=_word(TaskType, query.get("task_type", "")),
        favourite=True if query.get("favourite") == "true" else None,
        q=words or None,
    )
    page = query.get("page", "1")
    number = min(max(int(page), 1), MOST_PAGES) if page.isdecimal() and len(page) < len("1000000") else 1
    return Address(wanted, number, _misread(query, wanted))


def read_strictly(query: Mapping[str, str]) -> TaskFilter:
    """Return the filters of a query string. Raises MalformedRequest if one is not understood."""
    asked = read(query)
    if asked.misread:
        raise MalformedRequest(f"these filters are not understood: {', '.join(asked.misread)}")
    return asked.filter


def query_of(wanted: TaskFilter, **more: object) -> str:
    """Return the query string of filters, '' if there are none."""
    named = {
        "start_date": wanted.start_date,
        "end_date": wanted.end_date,
        "status": wanted.status,
        "task_type": wanted.task_type,
        "favourite": "true" if wanted.favourite else None,
        "q": wanted.q,
        **more,
    }
    return urlencode({name: str(value) for name, value in named.items() if value is not None})


def quick_choices(wanted: TaskFilter, today: date) -> list[tuple[str, str, bool]]:
    """Return the quick choices of dates: key of the text, query string, and whether it is the current one."""
    spans = {"today": 0, "week": 6, "month": 29}
    choices: list[tuple[str, date | None, date | None]] = [("any_day", None, None)]
    choices += [(name, today - timedelta(days=days), today) for name, days in spans.items()]
    return [
        (
            name,
            query_of(replace(wanted, start_date=first, end_date=last)),
            (wanted.start_date, wanted.end_date) == (first, last),
        )
        for name, first, last in choices
    ]


def ids_of(named: str, most: int) -> list[UUID]:
    """Return the ids in a comma-separated list, without those that are none."""
    found = []
    for one in named.split(",")[:most]:
        with suppress(ValueError):
            found.append(UUID(one))
    return found


def _misread(query: Mapping[str, str], wanted: TaskFilter) -> tuple[str, ...]:
    """Return the names of the filters that say something but have no effect."""
    understood = {
        "start_date": _day(query.get("start_date", "")),
        "end_date": _day(query.get("end_date", "")),
        "status": wanted.status,
        "task_type": wanted.task_type,
        "favourite": wanted.favourite or query.get("favourite") == "false",
    }
    return tuple(name for name, meaning in understood.items() if query.get(name) and not meaning)


def _day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _word(words: type[Word], said: str) -> Word | None:
    return words(said) if said in set(words) else None
