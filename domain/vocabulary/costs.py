"""The cost of model calls: prices by model, conversion into the shop's currency, and the total so far."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from domain.vocabulary.pictures import Lenient, ModelCall

CallKind = Literal["image", "analysis", "score"]

_MILLION = Decimal(1_000_000)
# Typical tokens of a call, as Gemini counts: an input image, a 2K output image, a text prompt or answer.
_INPUT_IMAGE, _OUTPUT_IMAGE_2K, _WORDS = 1120, 1680, 300


class ModelPrices(Lenient):
    """Prices of one model: by tokens, by images made, or both. Thinking tokens cost as much as text."""

    currency: str = "USD"
    input: Decimal = Field(default=Decimal(0), ge=0)  # per million tokens
    text: Decimal = Field(default=Decimal(0), ge=0)  # per million output tokens of text
    image: Decimal | None = Field(default=None, ge=0)  # per million output tokens of images
    picture: Decimal | None = Field(default=None, ge=0)  # per image made


def _tokens(input_: str, text: str, image: str | None = None) -> ModelPrices:
    return ModelPrices(input=Decimal(input_), text=Decimal(text), image=Decimal(image) if image else None)


def _pictures(price: str) -> ModelPrices:
    return ModelPrices(currency="CNY", picture=Decimal(price))


# Defaults. Check them against your bill: some are from memory, and prices change.
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
    """The cost of the calls for one or more pictures, in the shop's currency."""

    calls: int = 0
    cost: Decimal = Decimal(0)
    possibly: Decimal = Decimal(0)  # estimate of what calls without an answer may cost in addition

    @property
    def most(self) -> Decimal:
        """The highest possible cost."""
        return self.cost + self.possibly

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            calls=self.calls + other.calls, cost=self.cost + other.cost, possibly=self.possibly + other.possibly
        )


class Costs(Lenient):
    """The price table of the models, and exchange rates."""

    prices: dict[str, ModelPrices] = Field(default_factory=lambda: dict(USUAL_PRICES))
    exchange_rates: dict[str, Decimal] = Field(default_factory=dict)  # units of the shop's currency per foreign unit
    currency: str = "CNY"

    def priced(self, call: ModelCall) -> ModelCall:
        """Return the call with its cost, as the provider bills it and in the shop's currency.

        An unknown cost stays None, as for a model or currency that is not in the tables.
        """
        prices = self.prices.get(call.model)
        cost = call.cost if call.cost is not None else _cost(prices, call)
        currency = prices.currency if prices else call.currency
        return call.model_copy(update={"cost": cost, "currency": currency, "booked_cost": self._booked(cost, currency)})

    def expected(self, model: str, kind: CallKind = "image", pictures: int = 1) -> Decimal:
        """Return the estimated cost of one call in the shop's currency; 0 if unknown."""
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
        return None  # images were made, but no tokens counted
    by_modality = {"image": prices.image or Decimal(0)}
    spent = prices.input * sum(call.input_tokens.values())
    for modality, count in call.output_tokens.items():
        spent += by_modality.get(modality, prices.text) * count
    return spent / _MILLION + (prices.picture or Decimal(0)) * call.pictures
