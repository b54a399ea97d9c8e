"""What staff may change while the shop runs: bounded like the settings it starts with, and fitting together."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.vocabulary.pictures import Operation
from domain.vocabulary.rule_changes import RuleChanges
from domain.vocabulary.rules import ShopRules

RULES = ShopRules()


def test_nothing_changed_is_the_rules_as_they_are() -> None:
    assert RuleChanges().applied(RULES) == RULES


def test_only_what_is_changed_differs() -> None:
    changes = RuleChanges.model_validate({
        "quality_threshold": 80, "opens_at": 8, "prices": {"simple": {"minimum": "12", "maximum": "18.5"}},
        "surcharges": {"vectorize": "5"}, "payment_reminder_hours": [1, 12],
    })  # fmt: skip
    changed = changes.applied(RULES)
    assert (changed.quality_threshold, changed.opens_at, changed.payment_reminder_hours) == (80, 8, (1, 12))
    assert (changed.prices.simple.minimum, changed.prices.simple.maximum) == (Decimal(12), Decimal("18.5"))
    assert changed.prices.surcharges == {Operation.VECTORIZE: Decimal(5)}
    assert (changed.prices.normal, changed.max_attempts) == (RULES.prices.normal, RULES.max_attempts)
    assert RULES.prices.surcharges == {}  # what the shop was started with stays as it is


@pytest.mark.parametrize(
    "wrong",
    [
        {"quality_threshold": 101},
        {"quality_threshold": "high"},
        {"max_attempts": 0},
        {"free_revisions": -1},
        {"opens_at": 24},
        {"opens_at": 12, "closes_at": 12},
        {"hold_minutes": -5},
        {"expiry_hours": 0},
        {"silence_days": 1000},
        {"payment_reminder_hours": [0]},
        {"payment_reminder_hours": [1] * 11},
        {"prices": {"simple": {"minimum": 20, "maximum": 10}}},
        {"prices": {"simple": {"minimum": 20}}},
        {"prices": {"simple": {"minimum": "NaN", "maximum": "NaN"}}},
        {"prices": {"simple": {"minimum": "1.234", "maximum": "2"}}},
        {"prices": {"simple": {"minimum": "1", "maximum": "1000000"}}},
        {"prices": {"free": {"minimum": 1, "maximum": 2}}},
        {"surcharges": {"dance": 1}},
        {"surcharges": {"edit": -1}},
        {"timezone": "Mars/Olympus"},
    ],
)
def test_what_does_not_make_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RuleChanges.model_validate(wrong)


def test_a_shop_that_would_close_before_it_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="must open before it closes"):
        RuleChanges(opens_at=RULES.closes_at).applied(RULES)


def test_hours_that_contradict_those_that_the_shop_was_started_with_later_are_left_out() -> None:
    changes = RuleChanges(opens_at=RULES.closes_at, quality_threshold=91)
    fitted = changes.fitted(RULES)
    assert (fitted.opens_at, fitted.closes_at, fitted.quality_threshold) == (RULES.opens_at, RULES.closes_at, 91)
    assert RuleChanges(opens_at=RULES.opens_at + 1).fitted(RULES).opens_at == RULES.opens_at + 1


@given(
    st.builds(RuleChanges, quality_threshold=st.none() | st.integers(0, 100), is_switched_on=st.none() | st.booleans())
)
def test_what_is_stored_is_read_back(changes: RuleChanges) -> None:
    assert RuleChanges.model_validate(changes.model_dump(mode="json", exclude_defaults=True)) == changes
