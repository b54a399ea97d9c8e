"""Builds the models from the settings: configured providers, their order, and their costs."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import httpx

from adapters.gemini.client import Gemini
from adapters.imaging.children import Children
from adapters.imaging.local import LocalModel
from adapters.seedream.client import Seedream
from adapters.seedream.models import of_model
from adapters.web import PublicWeb
from domain.order.lineup import Lineup, Offer
from domain.ports import ImageModel, Vision
from domain.vocabulary.costs import USUAL_PRICES, Costs
from domain.vocabulary.pictures import Operation
from runtime import wiring
from runtime.settings import Settings

LARGEST_RESULT = 50_000_000  # bytes; of a picture made by a model
# The operations of the packaged networks: those that need no text understanding.
LOCAL_OPERATIONS = [operation for operation in Operation if operation is not Operation.EDIT]


@dataclass(frozen=True)
class Models:
    """The configured models: those that make pictures, and the vision model."""

    image: Sequence[ImageModel]
    vision: Vision


def costs(settings: Settings) -> Costs:
    """Return the price table: built-in prices, overridden by MODEL_PRICES."""
    return Costs(
        prices={**USUAL_PRICES, **settings.model_prices},
        exchange_rates=settings.exchange_rates,
        currency=settings.prices.currency,
    )


def lineup(settings: Settings) -> Lineup:
    """Return the image models in order of preference; the packaged networks if no other is configured."""
    offers = [offer for name in settings.providers for offer in OFFERS[name](settings)]
    return Lineup(offers=offers or _local_offers(settings), cost_limit=settings.picture_cost_limit)


def picture_cost(settings: Settings) -> Decimal:
    """Return the expected model cost per picture: analysis, one attempt, one check; in the shop's currency."""
    price, vision = costs(settings), vision_model(settings)
    looks = price.expected(vision, "analysis") + price.expected(vision, "score")
    return lineup(settings).offers[0].cost + looks


def vision_model(settings: Settings) -> str:
    """Return the name of the model that analyses and scores pictures."""
    return settings.gemini_vision_model if settings.gemini_api_key else LocalModel.vision_model


async def build(settings: Settings, children: Children, http: httpx.AsyncClient, stack: AsyncExitStack) -> Models:
    """Return the models of the line-up; `stack` closes their clients."""
    local = LocalModel(children, wiring.limits(settings))
    image: list[ImageModel] = []
    for offer in lineup(settings).offers:
        if offer.provider == Seedream.provider:
            image.append(_seedream(settings, http, offer.model))
        elif offer.provider == Gemini.provider:
            image.append(_gemini(settings, offer.model, stack))
        else:
            image.append(local)
    vision = _gemini(settings, settings.gemini_image_model, stack) if settings.gemini_api_key else local
    return Models(image, vision)


def _gemini(settings: Settings, model: str, stack: AsyncExitStack) -> Gemini:
    assert settings.gemini_api_key is not None
    gemini = Gemini(
        settings.gemini_api_key.get_secret_value(),
        model=model,
        vision_model=settings.gemini_vision_model,
        base_url=settings.gemini_base_url,
        timeout=timedelta(seconds=settings.gemini_timeout_seconds),
    )
    stack.push_async_callback(gemini.aclose)
    return gemini


def _seedream(settings: Settings, http: httpx.AsyncClient, model: str) -> Seedream:
    assert settings.ark_api_key is not None
    # Its results are on public addresses, or on the host of Ark itself.
    web = PublicWeb(max_bytes=LARGEST_RESULT, private_hosts=[urlsplit(settings.ark_base_url).netloc])
    return Seedream(
        settings.ark_api_key.get_secret_value(),
        http,
        web,
        model=model,
        base_url=settings.ark_base_url,
        timeout=timedelta(seconds=settings.ark_timeout_seconds),
        pictures=settings.ark_pictures,
    )


def _gemini_offers(settings: Settings) -> list[Offer]:
    if not settings.gemini_api_key:
        return []
    usual, stronger = settings.gemini_image_model, settings.gemini_strong_model
    offers = [Offer(provider=Gemini.provider, model=usual, cost=costs(settings).expected(usual))]
    if stronger and stronger != usual:
        cost = costs(settings).expected(stronger)
        offers.append(Offer(provider=Gemini.provider, model=stronger, is_stronger=True, cost=cost))
    return offers


def _seedream_offers(settings: Settings) -> list[Offer]:
    if not settings.ark_api_key:
        return []
    model = settings.ark_image_model
    pictures = min(settings.ark_pictures, of_model(model).most_pictures)
    cost = costs(settings).expected(model, pictures=pictures)
    return [Offer(provider=Seedream.provider, model=model, cost=cost)]


def _local_offers(_: Settings) -> list[Offer]:
    return [Offer(provider=LocalModel.provider, model=LocalModel.model, operations=LOCAL_OPERATIONS)]


OFFERS: dict[str, Callable[[Settings], list[Offer]]] = {
    Gemini.provider: _gemini_offers,
    Seedream.provider: _seedream_offers,
    LocalModel.provider: _local_offers,
}
