"""Every provider of pictures that may be named can be offered, built, priced and told of."""

from contextlib import AsyncExitStack

import httpx

from domain.texts.catalogue import TEXTS
from runtime import providers, wiring
from runtime.setting_groups.models import PROVIDERS
from runtime.settings import Settings

KEYS = {name: "a-key" for name in Settings.model_fields if name.endswith("_api_key")}
ALL = Settings(_env_file=None, image_providers=",".join(PROVIDERS), **KEYS)  # type: ignore[arg-type] # as the environment says them


def test_every_provider_is_offered_once_it_has_its_key() -> None:
    assert list(dict.fromkeys(offer.provider for offer in providers.lineup(ALL).offers)) == list(PROVIDERS)


async def test_what_is_offered_is_what_is_built() -> None:
    async with AsyncExitStack() as stack, httpx.AsyncClient() as http:
        built = await providers.build(ALL, wiring.children(ALL), http, stack)
    offers = providers.lineup(ALL).offers
    assert [(model.provider, model.model) for model in built.image] == [(one.provider, one.model) for one in offers]


def test_every_model_that_is_offered_has_a_price() -> None:
    assert {offer.model for offer in providers.lineup(ALL).offers} <= set(providers.costs(ALL).prices)


def test_every_provider_has_a_name_that_staff_know() -> None:
    assert not [name for name in PROVIDERS if f"provider.{name}" not in TEXTS["zh"]]
