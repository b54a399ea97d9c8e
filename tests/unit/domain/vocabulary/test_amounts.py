"""Values of money as people and platforms write them are read where they can mean one thing only."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bounds.limits import EARLIEST, LARGEST_AMOUNT, LATEST
from domain.order.inbox import Unreadable, read
from domain.order.messages import PaymentReceived, QuoteSet, RefundRecorded
from domain.vocabulary import amounts

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CENTS = st.integers(0, LARGEST_AMOUNT * 100).map(lambda cents: Decimal(cents) / 100)
CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [
        ("25", "25.00", ""), ("25.5", "25.50", ""), (25, "25.00", ""), (25.1, "25.10", ""), (" 25.00 ", "25.00", ""),
        ("￥25", "25.00", "CNY"), ("¥25.00", "25.00", "CNY"), ("25元", "25.00", "CNY"), ("25 元", "25.00", "CNY"),
        ("25元整", "25.00", "CNY"), ("25块", "25.00", "CNY"), ("CNY 25", "25.00", "CNY"), ("25CNY", "25.00", "CNY"),
        ("RMB25", "25.00", "CNY"), ("25 rmb", "25.00", "CNY"), ("人民币25元", "25.00", "CNY"),
        ("２５．５０", "25.50", ""),
        ("1,234.50", "1234.50", ""), ("1,234", "1234.00", ""), ("￥1,234,567.89", "1234567.89", "CNY"),
        ("25.0000", "25.00", ""), ("US$3.20", "3.20", "USD"), ("usd 3", "3.00", "USD"), ("HK$8", "8.00", "HKD"),
        ("10000000", "10000000.00", ""), ("0", "0.00", ""), (1e3, "1000.00", ""),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_written(written: Any, amount: str, currency: str) -> None:
    found = amounts.amount(written)
    assert found == (Decimal(amount), currency)
    assert str(found[0]) == amount


@pytest.mark.parametrize(
    "written",
    [
        "25,00", "12,34", "1,2345", "0,500", "25.000", "1.234,50", "25_00", "1_5", "1E3", "1e-20000", "NaN",
        "Infinity", "-0", "-5", "+25", "25-30", "约25", "25块5", "二十五", "25 USD 元", "$25", "²5", "①", "٢٥",
        "15.001", "10000000.01", "1" * 30, "15." + "0" * 20_000 + "1", pytest.param(10**5000, id="long"), 1e22,
        float("nan"), float("inf"), True,
        {"a": 1}, ["25"], "", "元", "25\x00",
    ],
)  # fmt: skip
def test_what_may_mean_something_else_is_no_amount(written: Any) -> None:
    assert amounts.amount(written) is None


@given(CENTS, st.sampled_from(["{}", "￥{}", "{}元", "CNY {}", "{} rmb"]), st.booleans())
def test_every_amount_up_to_the_largest_is_read_however_it_is_written(cents: Decimal, form: str, grouped: bool) -> None:
    found = amounts.amount(form.format(f"{cents:,.2f}" if grouped else f"{cents:.2f}"))
    assert found is not None
    assert found[0] == cents


@given(JSON)
def test_what_is_read_is_an_amount_that_can_be_booked(written: Any) -> None:
    found = amounts.amount(written)
    assert found is None or (0 <= found[0] <= LARGEST_AMOUNT and found[0].as_tuple().exponent == -2)


@pytest.mark.parametrize("name", ["CNY", "cny", "RMB", "rmb", "¥", "￥", "元", "人民币", " cny ", "ＣＮＹ"])
def test_the_shops_currency_has_many_names(name: str) -> None:
    assert amounts.currency(name) == "CNY"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-30 18:00:00", datetime(2026, 11, 30, 18, tzinfo=CHINA)),
        ("2026-11-30 18:00", datetime(2026, 11, 30, 18, tzinfo=CHINA)),
        ("2026/11/30 9:05:01", datetime(2026, 11, 30, 9, 5, 1, tzinfo=CHINA)),
        ("2026年11月30日 18:00", datetime(2026, 11, 30, 18, tzinfo=CHINA)),
        ("20261130180000", datetime(2026, 11, 30, 18, tzinfo=CHINA)),
        ("2026-11-30T18:00:00+08:00", datetime(2026, 11, 30, 18, tzinfo=CHINA)),
        ("2026-11-30T18:00:00.25+0800", datetime(2026, 11, 30, 18, 0, 0, 250_000, tzinfo=CHINA)),
        ("2026-11-30T10:00:00Z", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        (1796032800, datetime(2026, 11, 30, 10, tzinfo=UTC)),
        ("1796032800123", datetime(2026, 11, 30, 10, 0, 0, 123_000, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_it_is_written_and_without_a_zone_it_is_the_shops(written: Any, moment: datetime) -> None:
    found = amounts.moment(written)
    assert found is not None
    assert amounts.in_zone(found, "Asia/Shanghai") == moment


@pytest.mark.parametrize(
    "written",
    ["2026-11-30", "30.11.2026 18:00", "11/30/2026 18:00", "2026-02-31 10:00", "2026-11-30 25:00", "18:00", "yesterday",
     "2026-11-30 18:00 CST", "2026-11-30T18:00:00+99:00", 5, -1796032800, 17960328001234, True, "", "0000-01-01 00:00"],
)  # fmt: skip
def test_what_may_be_another_moment_is_none(written: Any) -> None:
    assert amounts.moment(written) is None


@given(
    st.datetimes(min_value=EARLIEST.replace(tzinfo=None, year=2001), max_value=LATEST.replace(tzinfo=None, year=2098))
)
def test_every_moment_that_python_writes_is_read_back(moment: datetime) -> None:
    assert amounts.moment(moment.isoformat(sep=" ", timespec="microseconds")) == moment


def test_a_sign_beside_the_amount_names_the_currency_and_one_that_disagrees_is_in_doubt() -> None:
    assert PaymentReceived.model_validate({"amount": "$3", "currency": "USD"}).amount == "$3"
    assert PaymentReceived.model_validate({"amount": "￥25"}).currency == "CNY"
    assert PaymentReceived.model_validate({"amount": "￥25", "currency": "RMB"}).amount == Decimal(25)
    in_doubt = PaymentReceived.model_validate({"amount": "￥25", "currency": "USD"})
    assert in_doubt.amount == "￥25"


MONEY = st.dictionaries(
    st.sampled_from(["event_id", "payment_id", "refund_id", "amount", "currency", "paid_at", "reason"]),
    JSON
    | st.sampled_from(["25", "￥25", "25,00", "CNY", "coins", "2026-11-30 18:00:00", "x" * 3000, "25\x00", "\ud800"]),
)


@given(MONEY, st.sampled_from(["payment_received", "refund_recorded"]))
def test_whatever_tells_of_money_is_a_message_and_says_the_same_when_it_is_passed_on(
    payload: dict[str, Any], signal: str
) -> None:
    message = read(signal, payload)
    assert isinstance(message, PaymentReceived | RefundRecorded)
    passed_on = message.model_dump(mode="python", exclude_defaults=True)
    assert read(signal, passed_on) == message
    assert len(repr(message)) < 5000


@given(MONEY)
def test_a_price_is_set_to_what_can_mean_one_thing_only(payload: dict[str, Any]) -> None:
    message = read("quote_set", payload)
    assert isinstance(message, Unreadable) or (isinstance(message, QuoteSet) and isinstance(message.amount, Decimal))


def test_a_price_that_cannot_be_read_says_so_with_its_words() -> None:
    message = read("quote_set", {"amount": "25,00"})
    assert isinstance(message, Unreadable)
    assert "25,00" in message.reason


def test_ids_that_are_too_long_stay_different() -> None:
    first, second = ("x" * 3000 + end for end in "ab")
    ids = [PaymentReceived.model_validate({"payment_id": name}).payment_id for name in (first, second)]
    assert len(set(ids)) == 2
    assert max(len(name or "") for name in ids) <= 255
