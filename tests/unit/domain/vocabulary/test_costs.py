"""What calls to models cost."""

from decimal import Decimal

import pytest

from domain.vocabulary.costs import CallKind, Costs, ModelPrices, Spent
from domain.vocabulary.pictures import ModelCall

COSTS = Costs(exchange_rates={"USD": Decimal("7.2")})


def call(model: str = "gemini-3.1-flash-image", **facts: object) -> ModelCall:
    return ModelCall.model_validate({"provider": "gemini", "model": model, **facts})


def test_tokens_are_priced_by_modality_and_booked_in_the_shops_currency() -> None:
    made = COSTS.priced(
        call(input_tokens={"text": 80, "image": 1120}, output_tokens={"image": 1680, "text": 20, "thoughts": 40})
    )
    assert made.cost == Decimal("0.00060") + Decimal("0.1008") + Decimal("0.00018")
    assert (made.currency, made.booked_cost) == ("USD", made.cost * Decimal("7.2"))


def test_pictures_are_priced_by_their_number() -> None:
    made = COSTS.priced(call("doubao-seedream-4-0-250828", pictures=3, output_tokens={"image": 48_000}))
    assert (made.cost, made.currency, made.booked_cost) == (Decimal("0.60"), "CNY", Decimal("0.60"))


@pytest.mark.parametrize(
    "made",
    [
        call("model-of-tomorrow", output_tokens={"text": 5}),
        call("gemini-3.5-flash-lite", output_tokens={"image": 1}),
        call(pictures=1),
    ],
    ids=["no price for the model", "no price for its pictures", "pictures that were not counted"],
)
def test_what_the_table_lacks_costs_an_unknown_sum(made: ModelCall) -> None:
    assert (COSTS.priced(made).cost, COSTS.priced(made).booked_cost) == (None, None)


def test_without_an_exchange_rate_a_cost_is_known_and_not_booked() -> None:
    made = Costs().priced(call(input_tokens={"text": 1_000_000}))
    assert (made.cost, made.booked_cost) == (Decimal("0.50"), None)


def test_what_costs_nothing_needs_no_exchange_rate() -> None:
    made = Costs(currency="EUR").priced(call("local-realesrgan-x4", cost=Decimal(0)))
    assert made.cost == made.booked_cost == Decimal(0)


@pytest.mark.parametrize(
    ("model", "kind", "cost"),
    [
        ("gemini-3.1-flash-image", "image", "0.730872"),
        ("gemini-3.5-flash-lite", "analysis", "0.0084672"),
        ("gemini-3.5-flash-lite", "score", "0.0108864"),
        ("doubao-seedream-4-5-251128", "image", "0.25"),
        ("local", "image", "0"),
        ("model-of-tomorrow", "image", "0"),
    ],
)
def test_what_a_call_is_expected_to_cost(model: str, kind: CallKind, cost: str) -> None:
    assert COSTS.expected(model, kind) == Decimal(cost)


def test_a_shop_may_set_its_own_price() -> None:
    costs = Costs(prices={"mine": ModelPrices(currency="CNY", picture=Decimal("0.3"))})
    assert costs.expected("mine", pictures=2) == Decimal("0.6")


def test_what_was_spent_adds_up() -> None:
    total = Spent(calls=2, cost=Decimal("0.5"), possibly=Decimal("0.1")) + Spent(calls=1, cost=Decimal("0.2"))
    assert (total.calls, total.cost, total.most) == (3, Decimal("0.7"), Decimal("0.8"))
