"""What other settings would have changed: the same rules on the orders of the past."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing import prices, quoting, what_if
from domain.pricing.what_if import PastOrder
from domain.vocabulary.money import Fixed
from domain.vocabulary.pictures import Complexity, Operation, TextAmount
from domain.vocabulary.rule_changes import RuleChanges
from domain.vocabulary.rules import PriceList, ShopRules
from tests.unit.domain.making import NOW, examine, new_order, quoted_order

RULES = ShopRules()


def past(name: str = "A", paid: str = "0", *, scores: tuple[int, ...] = (), fixed: bool = False) -> PastOrder:
    quote = quoted_order().quote
    assert quote
    if fixed:
        quote = quote.model_copy(update={"fixed": Fixed(amount=Decimal(9))})
    return PastOrder(name, quote, Decimal(paid), scores)


def changed(**changes: object) -> ShopRules:
    return RuleChanges.model_validate(changes).applied(RULES)


DEARER = changed(prices={"normal": {"minimum": 19, "maximum": 25}})


def test_the_same_settings_change_nothing() -> None:
    assert what_if.differences([past(paid="18", scores=(60, 90))], RULES, RULES) == []


def test_a_dearer_price_list_changes_quotes_and_holds() -> None:
    (one,) = what_if.differences([past(paid="18")], RULES, DEARER)
    assert (one.before, one.after, one.change) == ("15.00-20.00", "19.00-25.00", Decimal(4))
    assert (one.was_held, one.is_held) == (False, True)


def test_an_unpaid_order_is_not_held() -> None:
    (one,) = what_if.differences([past()], RULES, DEARER)
    assert not one.is_held


def test_a_price_that_was_set_by_hand_stays() -> None:
    assert what_if.differences([past(paid="9", fixed=True)], RULES, DEARER) == []


def test_another_threshold_fails_other_results() -> None:
    (one,) = what_if.differences([past(scores=(60, 75, 90))], RULES, changed(quality_threshold=80))
    assert (one.failed_before, one.failed_after) == (1, 2)


def test_the_greatest_change_comes_first() -> None:
    cheaper = changed(prices={"normal": {"minimum": 1, "maximum": 1}})
    orders = [past("threshold", fixed=True, scores=(75,)), past("price")]
    found = what_if.differences(orders, RULES, cheaper.model_copy(update={"quality_threshold": 80}))
    assert [one.order_id for one in found] == ["price", "threshold"]


@pytest.mark.parametrize("operation", Operation)
@given(complexity=st.sampled_from(Complexity), much=st.booleans(), low=st.integers(0, 500), more=st.integers(0, 50))
def test_an_order_is_priced_again_as_it_would_have_been(
    operation: Operation, complexity: Complexity, much: bool, low: int, more: int
) -> None:
    """Each kind of picture: the quote of the past, priced anew, is what the rules quote for the picture itself."""
    order = new_order()
    order.live[0].operation = operation
    examine(order, order.live[0], complexity=complexity, text_amount=TextAmount.MUCH if much else TextAmount.NONE)
    order.live[0].operation = operation
    kinds = ("simple", "normal", "complex", "hard", "unknown", "much_text")
    ranges = {kind: {"minimum": low + at, "maximum": low + at + more} for at, kind in enumerate(kinds)}
    other = PriceList.model_validate({**ranges, "surcharges": {operation: 7}})
    then = quoting.quote(order, RULES, NOW)
    assert what_if.repriced(then, other).span == quoting.quote(order, ShopRules(prices=other), NOW).span
    assert prices.price_line(order.live[0], other).minimum == what_if.repriced(then, other).minimum
