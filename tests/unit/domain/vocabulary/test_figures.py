"""Money as people read it: two digits, no exponent, no minus before nothing."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vocabulary.money import figure, span


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("1E+3", "1000.00"), ("-0", "0.00"), ("-0.00", "0.00"), ("0E-20", "0.00"), ("15", "15.00"), ("15.5", "15.50"),
        ("1E+1", "10.00"), ("25.000", "25.00"), ("0.125", "0.125"), ("10000000", "10000000.00"),
    ],
)  # fmt: skip
def test_an_amount_is_told_with_two_digits(amount: str, told: str) -> None:
    assert figure(Decimal(amount)) == told


@given(st.integers(0, 10**9), st.integers(0, 7))
def test_however_an_amount_is_held_it_reads_the_same(cents: int, zeros: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    told = {figure(amount), figure(amount.normalize()), figure(amount.quantize(Decimal(1).scaleb(-2 - zeros)))}
    assert len(told) == 1
    assert re.fullmatch(r"\d+\.\d\d", told.pop())


def test_a_price_whose_ends_meet_is_one_amount() -> None:
    assert span(Decimal("1E+3"), Decimal(1000)) == "1000.00"
    assert span(Decimal(10), Decimal("15.5")) == "10.00-15.50"
