from typing import Any

import pytest

from domain.order.order import Order
from domain.pricing import payments, quoting
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import said
from domain.vocabulary.money import Payment
from domain.vocabulary.pictures import Complexity, Operation, TextAmount
from domain.vocabulary.rules import PriceList, PriceRange, ShopRules
from tests.unit.domain.making import NOW, RULES, customer_says, examine, money, new_order, quoted_order


def priced(**prices: Any) -> ShopRules:
    return ShopRules(prices=PriceList(**prices))


def analysed(complexity: Complexity = Complexity.NORMAL, text: TextAmount = TextAmount.NONE) -> Order:
    order = new_order()
    examine(order, order.live[0], complexity=complexity, text_amount=text)
    return order


@pytest.mark.parametrize(
    ("complexity", "span"),
    [
        (Complexity.SIMPLE, "10.00-15.00"),
        (Complexity.NORMAL, "15.00-20.00"),
        (Complexity.COMPLEX, "20.00-25.00"),
        (Complexity.HARD, "25.00-30.00"),
        (Complexity.UNKNOWN, "20.00"),
    ],
)
def test_complexity_sets_the_base_price(complexity: Complexity, span: str) -> None:
    assert quoting.quote(analysed(complexity), RULES, NOW).span == span


def test_much_text_makes_a_high_value_order() -> None:
    quote = quoting.quote(analysed(text=TextAmount.MUCH), RULES, NOW)
    assert (quote.span, quote.high_value) == ("60.00-80.00", True)


def test_a_little_text_adds_nothing() -> None:
    quote = quoting.quote(analysed(text=TextAmount.LITTLE), RULES, NOW)
    assert (quote.span, quote.high_value) == ("15.00-20.00", False)


def test_a_quote_is_the_sum_of_its_lines_and_explains_each() -> None:
    order = new_order(pictures=2)
    examine(order, order.live[0], complexity=Complexity.SIMPLE)
    examine(order, order.live[1], complexity=Complexity.HARD)
    order.live[1].operation = Operation.VECTORIZE
    quote = quoting.quote(order, priced(surcharges={Operation.VECTORIZE: money("5")}), NOW)
    assert [line.factors for line in quote.lines] == [
        [said("price.simple", operation="enhance", span="10.00-15.00")],
        [
            said("price.hard", operation="vectorize", span="25.00-30.00"),
            said("price.surcharge", operation="vectorize", amount="5.00"),
        ],
    ]
    assert (quote.minimum, quote.maximum) == (money("40"), money("50"))


def test_the_table_of_prices_is_the_shops() -> None:
    rules = priced(currency="HKD", normal=PriceRange(minimum=money("1.50"), maximum=money("2.50")))
    quote = quoting.quote(analysed(), rules, NOW)
    assert (quote.span, quote.currency) == ("1.50-2.50", "HKD")


def test_a_picture_that_left_the_order_is_not_priced() -> None:
    order = new_order(pictures=2)
    for picture in order.live:
        examine(order, picture, text_amount=TextAmount.MUCH if picture is order.live[1] else TextAmount.NONE)
    order.pictures[1].status = order.pictures[1].status.CANCELLED
    quote = quoting.quote(order, RULES, NOW)
    assert (quote.span, quote.high_value) == ("15.00-20.00", False)


def test_a_quote_is_news_only_where_a_line_changed() -> None:
    order = quoted_order()
    assert not quoting.is_changed(quoting.quote(order, RULES, NOW), order.quote)
    examine(order, order.live[0], complexity=Complexity.HARD)
    customer_says(order, "便宜点")
    assert not quoting.is_changed(quoting.quote(order, RULES, NOW), order.quote)
    order.live[0].analysis = order.live[0].analysis.model_copy(update={"complexity": Complexity.HARD})
    assert quoting.is_changed(quoting.quote(order, RULES, NOW), order.quote)


def paid(amount: str | None, currency: str = "CNY", **facts: Any) -> Payment:
    known = {"amount": money(amount or "0"), "is_known": amount is not None, "currency": currency}
    return Payment(payment_id="p1", paid_at=NOW, **known, **facts)


@pytest.mark.parametrize(
    ("amount", "currency", "before", "flag"),
    [
        ("15.00", "CNY", "0", ""),
        ("20", "CNY", "0", ""),
        ("40", "CNY", "0", ""),
        ("14.99", "CNY", "0", "payment.too_little"),
        ("5", "CNY", "10", ""),
        ("5", "CNY", "15", ""),
        ("15", "CNY", "15", "payment.twice"),
        ("20", "CNY", "20", "payment.twice"),
        ("40.01", "CNY", "0", "payment.too_much"),
        ("20", "CNY", "30", "payment.too_much"),
        ("15", "USD", "0", "payment.other_currency"),
        (None, "CNY", "0", "payment.no_amount"),
    ],
)
def test_a_payment_is_flagged_for_a_reason_that_staff_can_read(
    amount: str | None, currency: str, before: str, flag: str
) -> None:
    why = payments.flag_for(paid(amount, currency), quoted_order().quote, money(before))
    assert why.phrase == flag
    assert bool(TEXTS["zh"].say(why)) == bool(flag)


def test_a_payment_before_any_quote_is_flagged() -> None:
    assert payments.flag_for(paid("15"), None) == said("payment.early")


def test_what_is_missing_is_told() -> None:
    why = payments.flag_for(paid("9.5"), quoted_order().quote)
    assert (why.values["paid"], why.values["missing"]) == ("9.50", "5.50")
