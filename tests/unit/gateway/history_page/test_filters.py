"""The filters in the page's address."""

from datetime import date, timedelta
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.task_history.records import TaskFilter, TaskStatus, TaskType
from domain.vocabulary.errors import MalformedRequest
from gateway.history_page import filters

TODAY = date(2026, 11, 30)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20)


def read_back(query: str) -> TaskFilter:
    return filters.read(dict(parse_qsl(query))).filter


@given(
    st.builds(
        TaskFilter,
        start_date=st.none() | DAYS,
        end_date=st.none() | DAYS,
        status=st.none() | st.sampled_from(TaskStatus),
        task_type=st.none() | st.sampled_from(TaskType),
        favourite=st.sampled_from([None, True]),
        q=st.none() | st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
    ).filter(lambda wanted: not (wanted.start_date and wanted.end_date and wanted.start_date > wanted.end_date))
)
def test_an_address_says_the_filters_that_it_was_made_of(wanted: TaskFilter) -> None:
    assert read_back(filters.query_of(wanted)) == wanted


@given(
    st.dictionaries(
        st.sampled_from(["start_date", "end_date", "status", "task_type", "favourite", "q", "page"]), st.text()
    )
)
def test_no_address_is_wrong(query: dict[str, str]) -> None:
    asked = filters.read(query)
    assert 1 <= asked.page <= filters.MOST_PAGES
    assert "\0" not in (asked.filter.q or "")
    assert len(asked.filter.q or "") <= filters.LONGEST_WORDS


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("start_date", "2026-13-01"),
        ("start_date", "yesterday"),
        ("end_date", "2026-02-30"),
        ("end_date", "1999-12-31"),
        ("status", "done"),
        ("status", "Failed"),
        ("task_type", "video"),
        ("favourite", "yes"),
        ("favourite", " true"),
    ],
)
def test_a_filter_that_is_not_understood_is_named_and_refused_for_an_export(name: str, said: str) -> None:
    query = {"q": "猫", name: said}
    asked = filters.read(query)
    assert (asked.misread, asked.filter) == ((name,), TaskFilter(q="猫"))
    with pytest.raises(MalformedRequest, match=name):
        filters.read_strictly(query)


@pytest.mark.parametrize("query", [{}, {"status": "", "q": "", "page": "x"}, {"favourite": "false"}, {"utm": "x"}])
def test_what_says_nothing_of_filters_is_not_misread(query: dict[str, str]) -> None:
    assert (filters.read(query).misread, filters.read_strictly(query)) == ((), TaskFilter())


@given(
    st.dictionaries(
        st.sampled_from(["start_date", "end_date", "status", "task_type", "favourite"]), st.text(), max_size=3
    )
)
def test_every_filter_has_its_effect_or_is_named(query: dict[str, str]) -> None:
    asked = filters.read(query)
    effective = {name for name in query if getattr(asked.filter, name, None) is not None}
    assert {name for name, said in query.items() if said and said != "false"} <= effective | set(asked.misread)


def test_dates_in_the_wrong_order_are_exchanged() -> None:
    asked = filters.read({"start_date": "2026-11-30", "end_date": "2026-11-01"})
    assert (asked.filter.start_date, asked.filter.end_date) == (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(("name", "days"), [("today", 1), ("week", 7), ("month", 30)])
def test_a_quick_choice_keeps_the_other_filters(name: str, days: int) -> None:
    wanted = TaskFilter(status=TaskStatus.FAILED, start_date=date(2020, 1, 1))
    choices = {key: query for key, query, _ in filters.quick_choices(wanted, TODAY)}
    chosen = read_back(choices[name])
    assert chosen == TaskFilter(TODAY - timedelta(days=days - 1), TODAY, TaskStatus.FAILED)
    assert [key for key, _, is_current in filters.quick_choices(chosen, TODAY) if is_current] == [name]


def test_ids_that_are_none_are_left_out() -> None:
    assert filters.ids_of(f"{UUID(int=1)},,x,{UUID(int=2)}", 10) == [UUID(int=1), UUID(int=2)]
    assert filters.ids_of(f"{UUID(int=1)},{UUID(int=2)}", 1) == [UUID(int=1)]
