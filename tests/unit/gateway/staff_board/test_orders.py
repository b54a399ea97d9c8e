"""The page of an order: versions of the quote stand side by side, and what is new in one is marked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.db.board import BoardOrder
from adapters.storage.links import ImageLinks
from domain.texts.catalogue import Language
from domain.texts.phrase import Said, said
from domain.vocabulary.money import Fixed, Quote, QuoteLine
from gateway.staff_board.orders import Page, page

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
SIMPLE = said("price.simple", operation="enhance", span="15")
MUCH_TEXT = said("price.much_text", operation="enhance", span="30")
SURCHARGE = said("price.surcharge", operation="enhance", amount="5")


def quote(version: int, *pictures: Sequence[Said], fixed: Fixed | None = None) -> Quote:
    lines = [
        QuoteLine(task_id=f"TASK_1_{number}", minimum=Decimal(15), maximum=Decimal(20), factors=list(factors))
        for number, factors in enumerate(pictures, 1)
    ]
    return Quote(version=version, lines=lines, currency="CNY", high_value=False, quoted_at=NOW, fixed=fixed)


def shown(*quotes: Quote, language: Language = "zh") -> Page:
    rows = [{"quote": one.model_dump(mode="json")} for one in quotes]
    order = {"amount_paid": 0, "amount_refunded": 0}
    found = BoardOrder(order, pictures=[], calls=[], quotes=rows, payments=[], dispatches=[], events=[])
    return page(found, ImageLinks("secret", "https://shop.example"), language)


def new_words(found: Page) -> list[list[str]]:
    return [
        [words for price in one.prices.values() for words, is_new in price.factors if is_new] for one in found.quotes
    ]


def test_of_one_version_nothing_is_new() -> None:
    found = shown(quote(1, [SIMPLE]))
    assert new_words(found) == [[]]
    assert (found.quotes[0].total, found.quotes[0].prices[1].span) == ("15.00-20.00", "15.00-20.00")


def test_what_a_version_adds_is_marked_for_its_picture() -> None:
    found = shown(quote(1, [SIMPLE]), quote(2, [SIMPLE, SURCHARGE]), quote(3, [SIMPLE, SURCHARGE], [SIMPLE]))
    assert found.quoted_pictures == [1, 2]
    first, second, third = new_words(found)
    assert (first, len(second), len(third)) == ([], 1, 1)
    assert second[0].endswith("加价: 5元")
    assert [sorted(one.prices) for one in found.quotes] == [[1], [1], [1, 2]]


def test_a_factor_that_went_and_came_back_is_new_again() -> None:
    found = shown(quote(1, [SIMPLE]), quote(2, [MUCH_TEXT]), quote(3, [SIMPLE]))
    assert [len(words) for words in new_words(found)] == [0, 1, 1]


@pytest.mark.parametrize(("language", "words"), [("zh", "店里定的价(老客户)"), ("en", "price set by the shop: 老客户")])
def test_a_price_that_somebody_set_says_why(language: Language, words: str) -> None:
    fixed = Fixed(amount=Decimal(12), reason="老客户")
    last = shown(quote(1, [SIMPLE]), quote(2, [SIMPLE], fixed=fixed), language=language).quotes[-1]
    assert (last.total, last.fixed) == ("12.00", words)
