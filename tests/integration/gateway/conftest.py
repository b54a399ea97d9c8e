"""A gateway on a port, with a namespace, a schema and keys of its own."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from adapters.db import migrate
from adapters.db.keys import ApiKeys, new_key
from runtime import wiring
from runtime.settings import Settings
from starter.client import connect
from tests.integration.conftest import Storage
from tests.integration.gateway.serving import app_with, served

PAYMENT_SECRETS = ["whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM=", "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM="]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tell the operations apart that Schemathesis gives one id: processes would share them as one test."""
    if "[" in item.name and item._id.params is None:
        item._id = replace(item._id, params=item.name.partition("[")[2].removesuffix("]"))


@pytest.fixture
def settings(postgres_url: str, storage: Storage, temporal_address: str) -> dict[str, Any]:
    return {
        "database_url": postgres_url,
        "temporal_address": temporal_address,
        "s3_endpoint_url": storage.endpoint_url,
        "s3_bucket_name": storage.bucket,
        "aws_access_key_id": storage.access_key_id,
        "aws_secret_access_key": storage.secret_access_key,
    }


@dataclass(frozen=True)
class Gate:
    """A gateway that is served, and what opens it."""

    url: str
    settings: Settings
    keys: ApiKeys
    bot: httpx.AsyncClient
    agent: httpx.AsyncClient
    nobody: httpx.AsyncClient
    temporal: Client


@pytest.fixture(scope="module")
async def gate(postgres_url: str, storage: Storage, temporal_address: str, namespace: str) -> AsyncIterator[Gate]:
    values: dict[str, Any] = {
        "database_url": postgres_url,
        "database_schema": f"gate_{uuid.uuid4().hex[:8]}",
        "temporal_address": temporal_address,
        "temporal_namespace": namespace,
        "s3_endpoint_url": storage.endpoint_url,
        "s3_bucket_name": storage.bucket,
        "aws_access_key_id": storage.access_key_id,
        "aws_secret_access_key": storage.secret_access_key,
        "payment_secrets": " , ".join(PAYMENT_SECRETS),
        "requests_per_minute": 100_000,
        "public_requests_per_minute": 100_000,
    }
    settings = Settings(_env_file=None, **values)
    await migrate.upgrade(settings.database_url, settings.database_schema)
    engine = wiring.engine(settings)
    keys, of_bot, of_agent = ApiKeys(engine), new_key(), new_key()
    await keys.add(of_bot, "a bot", ["bot"])
    await keys.add(of_agent, "an agent", ["agent"])
    with served(app_with(**values)) as url:
        async with (
            httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {of_bot}"}, timeout=30) as bot,
            httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {of_agent}"}, timeout=30) as agent,
            httpx.AsyncClient(base_url=url, timeout=30) as nobody,
        ):
            temporal = await connect(temporal_address, namespace)
            yield Gate(url, settings, keys, bot, agent, nobody, temporal)
    await engine.dispose()
