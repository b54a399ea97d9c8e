"""Cursors: whatever a place is, it comes back; whatever else is sent is refused."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.task_history import cursor

FIRST = datetime(1, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_place_comes_back_to_the_microsecond(created_at: datetime, task_id: UUID) -> None:
    assert cursor.decode(cursor.encode(created_at, task_id)) == (created_at, task_id)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_needs_no_escaping_in_an_address(created_at: datetime, task_id: UUID) -> None:
    assert cursor.encode(created_at, task_id).replace("-", "a").replace("_", "a").isalnum()


@given(st.text(max_size=50) | st.text(alphabet="ABCab12-_=", min_size=31, max_size=33))
def test_anything_else_is_read_or_refused_and_never_fails_otherwise(said: str) -> None:
    try:
        place = cursor.decode(said)
    except ValueError:
        return
    assert cursor.encode(*place) == said


@pytest.mark.parametrize("said", ["", "x", "A" * 31, "A" * 33, "_" * 32 + "\n", "7" * 32, "é" * 32])
def test_what_is_no_cursor_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="invalid cursor"):
        cursor.decode(said)


def test_earliest_times_have_a_cursor_too() -> None:
    for at in (FIRST, FIRST + timedelta(microseconds=1), datetime(1969, 12, 31, 23, 59, tzinfo=UTC)):
        assert cursor.decode(cursor.encode(at, UUID(int=0)))[0] == at
