"""The board's address: each filter is understood whole, or left out and named."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.staff_board import filters

ZONE = ZoneInfo("Asia/Shanghai")
ALL = {
    "q": "王 芳", "status": "failed", "operation": "enhance", "need": "failed", "model": "gemini-image",
    "acc_id": "二店", "start": "2026-11-01", "end": "2026-11-30", "high_value": "true",
}  # fmt: skip


def test_every_filter_is_read_and_written_back() -> None:
    address = filters.read(ALL, ZONE)
    assert address.misread == ()
    assert address.wanted.start == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert address.wanted.end == datetime(2026, 11, 30, 16, tzinfo=UTC)  # the whole last day, in the shop's zone
    assert (address.wanted.words, address.wanted.is_high_value) == ("王 芳", True)
    assert filters.read(dict(pair.split("=") for pair in address.query(q="x").split("&")), ZONE).wanted.words == "x"


@pytest.mark.parametrize("name", ["status", "operation", "need", "start", "end"])
@pytest.mark.parametrize("value", ["nonsense", "'; DROP TABLE orders", "9999-99-99", "0001-01-01", "＃"])
def test_what_is_not_understood_is_left_out_and_named(name: str, value: str) -> None:
    address = filters.read({name: value}, ZONE)
    assert address.misread == (name,)
    assert address.typed == {}


def test_a_refund_that_is_due_is_a_status() -> None:
    assert filters.read({"status": "awaiting_refund"}, ZONE).wanted.status == "awaiting_refund"


def test_an_order_id_is_found_however_it_is_written() -> None:
    assert filters.read({"q": " order_20261122_7k3f9q "}, ZONE).wanted.words == "ORDER_20261122_7K3F9Q"


def test_a_place_in_the_list_is_read_back() -> None:
    at = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
    place = filters.place_of(at, "ORDER_20261122_7K3F9Q")
    assert filters.read({"before": place}, ZONE).before == (at, "ORDER_20261122_7K3F9Q")


@given(st.dictionaries(st.sampled_from([*ALL, "before", "else"]), st.text(max_size=300)))
def test_no_address_is_an_error(query: dict[str, str]) -> None:
    address = filters.read(query, ZONE)
    assert len(address.wanted.words) <= filters.LONGEST_WORDS
    assert "\0" not in address.wanted.words + address.wanted.model + address.wanted.acc_id
