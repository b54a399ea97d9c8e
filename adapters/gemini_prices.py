"""What Gemini's tokens cost, in USD for a million, by modality.

Defaults to check against your bill: some figures were written from memory, and prices change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class TokenPrices:
    """Prices of one model, in USD for a million tokens. Thinking costs as much as text."""

    input: Decimal
    text: Decimal
    image: Decimal | None = None


PRICES: Mapping[str, TokenPrices] = {
    "gemini-3.1-flash-image": TokenPrices(Decimal("0.50"), Decimal("3.00"), Decimal("60.00")),
    "gemini-3-pro-image": TokenPrices(Decimal("2.00"), Decimal("12.00"), Decimal("120.00")),
    "gemini-3.5-flash-lite": TokenPrices(Decimal("0.30"), Decimal("2.50")),
}


def cost(
    prices: TokenPrices | None, input_tokens: Mapping[str, int], output_tokens: Mapping[str, int]
) -> Decimal | None:
    """Return what a call cost in USD, or None where a price is not known."""
    if prices is None or (prices.image is None and output_tokens.get("image")):
        return None
    by_modality = {"image": prices.image or Decimal(0)}
    spent = prices.input * sum(input_tokens.values())
    for modality, count in output_tokens.items():
        spent += by_modality.get(modality, prices.text) * count
    return spent / _MILLION


INPUT_IMAGE_TOKENS = 1120
OUTPUT_IMAGE_TOKENS_2K = 1680
WORDS = 300  # tokens of an answer in words, about


def expected(image_model: str, vision_model: str) -> Decimal:
    """Return what a picture costs where the first attempt passes: one of 2K, a first look at it, a check of the two."""
    made = cost(PRICES.get(image_model), {"image": INPUT_IMAGE_TOKENS}, {"image": OUTPUT_IMAGE_TOKENS_2K})
    looked_at = cost(PRICES.get(vision_model), {"image": 3 * INPUT_IMAGE_TOKENS}, {"text": 2 * WORDS})
    return (made or Decimal(0)) + (looked_at or Decimal(0))
