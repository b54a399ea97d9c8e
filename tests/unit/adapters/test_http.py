"""When HTTP services say to come back."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.http import is_permanent, retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 86_400),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date(value: str, seconds: int) -> None:
    assert retry_after({"retry-after": value}, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²"])
def test_nonsense_is_no_wait(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) is None


def test_only_some_refusals_are_worth_another_try() -> None:
    assert [status for status in (400, 401, 403, 404, 408, 409, 422, 429, 500, 503) if not is_permanent(status)] == [
        408, 429, 500, 503,
    ]  # fmt: skip
