"""What calls to models cost: prices by model, the exchange into the shop's currency, and what was spent so far."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from domain.vocabulary.pictures import Lenient, ModelCall

CallKind = Literal["image", "analysis", "score"]

_MILLION = Decimal(1_000_000)
# What a call usually takes, as Gemini counts: an input picture, a picture of 2K, an answer or a prompt in words.
_INPUT_IMAGE, _OUTPUT_IMAGE_2K, _WORDS = 1120, 1680, 300


class ModelPrices(Lenient):
    """Prices of one model: by tokens, by pictures made, or both. Thinking costs as much as words."""

    currency: str = "USD"
    input: Decimal = Field(default=Decimal(0), ge=0)  # a million tokens
    text: Decimal = Field(default=Decimal(0), ge=0)  # a million tokens of output in words
    image: Decimal | None = Field(default=None, ge=0)  # a million tokens of output in pictures
    picture: Decimal | None = Field(default=None, ge=0)  # each picture made


def _tokens(input_: str, text: str, image: str | None = None) -> ModelPrices:
    return ModelPrices(input=Decimal(input_), text=Decimal(text), image=Decimal(image) if image else None)


def _pictures(price: str) -> ModelPrices:
    return ModelPrices(currency="CNY", picture=Decimal(price))


# Defaults to check against your bill: some figures were written from memory, and prices change.
USUAL_PRICES: Mapping[str, ModelPrices] = {
    "gemini-3.1-flash-image": _tokens("0.50", "3.00", "60.00"),
    "gemini-3-pro-image": _tokens("2.00", "12.00", "120.00"),
    "gemini-3.5-flash-lite": _tokens("0.30", "2.50"),
    "doubao-seedream-4-0-250828": _pictures("0.20"),
    "doubao-seedream-4-5-251128": _pictures("0.25"),
    "doubao-seedream-5-0-260128": _pictures("0.22"),
    "local": _pictures("0"),
}


class Spent(Lenient):
    """What the calls for one or more pictures cost, in the shop's currency."""

    calls: int = 0
    cost: Decimal = Decimal(0)
    possibly: Decimal = Decimal(0)  # about what calls without an answer may cost as well

    @property
    def most(self) -> Decimal:
        """What it may come to."""
        return self.cost + self.possibly

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            calls=self.calls + other.calls, cost=self.cost + other.cost, possibly=self.possibly + other.possibly
        )


class Costs(Lenient):
    """The price table of the models, and what the shop pays for foreign money."""

    prices: dict[str, ModelPrices] = Field(default_factory=lambda: dict(USUAL_PRICES))
    exchange_rates: dict[str, Decimal] = Field(default_factory=dict)  # of the shop's currency for one of theirs
    currency: str = "CNY"

    def priced(self, call: ModelCall) -> ModelCall:
        """Return the call with what it cost: as the provider bills it, and in the shop's currency.

        A sum that is not known stays None, as for a model or a currency that the tables lack.
        """
        prices = self.prices.get(call.model)
        cost = call.cost if call.cost is not None else _cost(prices, call)
        currency = prices.currency if prices else call.currency
        return call.model_copy(update={"cost": cost, "currency": currency, "booked_cost": self._booked(cost, currency)})

    def expected(self, model: str, kind: CallKind = "image", pictures: int = 1) -> Decimal:
        """Return about what one call costs in the shop's currency; 0 where that is not known."""
        looked_at = 2 if kind == "score" else 1
        output = {"image": _OUTPUT_IMAGE_2K * pictures} if kind == "image" else {"text": _WORDS}
        call = ModelCall(
            provider="",
            model=model,
            input_tokens={"image": _INPUT_IMAGE * looked_at, "text": _WORDS},
            output_tokens=output,
            pictures=pictures if kind == "image" else 0,
        )
        return self.priced(call).booked_cost or Decimal(0)

    def _booked(self, cost: Decimal | None, currency: str) -> Decimal | None:
        if cost is None or currency == self.currency or not cost:
            return cost
        rate = self.exchange_rates.get(currency)
        return None if rate is None else cost * rate


def _cost(prices: ModelPrices | None, call: ModelCall) -> Decimal | None:
    image_tokens = call.output_tokens.get("image", 0)
    if prices is None or (prices.image is None and prices.picture is None and image_tokens):
        return None
    if call.pictures and not image_tokens and prices.picture is None:
        return None  # made, and not counted
    by_modality = {"image": prices.image or Decimal(0)}
    spent = prices.input * sum(call.input_tokens.values())
    for modality, count in call.output_tokens.items():
        spent += by_modality.get(modality, prices.text) * count
    return spent / _MILLION + (prices.picture or Decimal(0)) * call.pictures
