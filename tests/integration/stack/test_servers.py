import asyncio
import os
import signal
import threading
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import asyncpg
import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from stack.errors import BootstrapFailed
from stack.servers.temporal import bootstrap
from starter.namespace import SEARCH_ATTRIBUTES, set_up


def bucket(settings: Mapping[str, str], **other: str) -> S3Store:
    return S3Store(
        settings["S3_BUCKET_NAME"],
        endpoint=settings["S3_ENDPOINT_URL"],
        region=settings["AWS_REGION"],
        access_key_id=settings["AWS_ACCESS_KEY_ID"],
        secret_access_key=other.get("secret", settings["AWS_SECRET_ACCESS_KEY"]),
        skip_signature=other.get("anonymous") is not None,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=2)},
    )


async def connect(url: str) -> Any:
    return await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))


async def test_postgres_answers_with_the_password_alone(postgres_url: str) -> None:
    connection = await connect(postgres_url)
    assert await connection.fetchval("SELECT current_database()") == "darkroom"
    await connection.close()
    user, _, place = postgres_url.rpartition("@")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(f"{user.rpartition(':')[0]}:wrong@{place}")


async def test_postgres_sorts_and_encodes_alike_on_every_machine(postgres_url: str) -> None:
    connection = await connect(postgres_url)
    row = await connection.fetchrow(
        "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding), current_setting('timezone')"
        " FROM pg_database WHERE datname = current_database()"
    )
    await connection.close()
    assert tuple(row) == (b"b", "C.UTF-8", "UTF8", "UTC")


async def test_what_was_committed_survives_a_kill_of_postgres(servers: Any, postgres_url: str) -> None:
    connection = await connect(postgres_url)
    await connection.execute("CREATE TABLE kept AS SELECT 'before' AS word")
    connection.terminate()
    servers.kill("postgres")
    servers.restart("postgres")
    connection = await connect(postgres_url)
    assert await connection.fetchval("SELECT word FROM kept") == "before"
    await connection.execute("DROP TABLE kept")
    await connection.close()


async def test_postgres_starts_once_the_last_process_of_a_killed_one_is_gone(servers: Any, postgres_url: str) -> None:
    connection = await connect(postgres_url)
    pid = await connection.fetchval("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    connection.terminate()
    os.kill(pid, signal.SIGSTOP)  # as if it still had much to write
    servers.kill("postgres")
    release = threading.Timer(1, os.kill, (pid, signal.SIGCONT))
    release.start()
    servers.restart("postgres")
    release.join()
    connection = await connect(postgres_url)
    await connection.close()


async def test_storage_is_private_and_opens_to_its_key_alone(storage_settings: Mapping[str, str]) -> None:
    await obstore.put_async(bucket(storage_settings), "picture", b"bytes")
    answer = await obstore.get_async(bucket(storage_settings), "picture")
    assert bytes(await answer.bytes_async()) == b"bytes"
    for stranger in (bucket(storage_settings, secret="wrong"), bucket(storage_settings, anonymous="yes")):
        with pytest.raises(BaseError, match="403"):
            await obstore.get_async(stranger, "picture")


async def test_closed_orders_are_kept_for_thirty_days(temporal_address: str, namespace: str) -> None:
    client = await Client.connect(temporal_address)
    for name in ("default", namespace):
        there = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))
        assert there.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=30)


async def search_attributes(client: Client, namespace: str) -> dict[str, int]:
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    return dict(listed.custom_attributes)


async def test_all_search_attributes_are_registered(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    assert (await search_attributes(client, "default")).items() >= SEARCH_ATTRIBUTES.items()


async def test_one_missing_in_a_namespace_of_an_earlier_run_is_registered(
    temporal_address: str, namespace: str
) -> None:
    client = await Client.connect(temporal_address)
    await client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=namespace, search_attributes=["QaScore"])
    )
    assert "QaScore" not in await search_attributes(client, namespace)
    await bootstrap(temporal_address, namespace)
    assert "QaScore" in await search_attributes(client, namespace)


async def test_one_of_another_type_stops_the_start(temporal_address: str, namespace: str) -> None:
    client = await Client.connect(temporal_address)
    await client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=namespace, search_attributes=["QaScore"])
    )
    wrong = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=namespace, search_attributes={"QaScore": wrong})
    )
    with pytest.raises(BootstrapFailed, match="QaScore"):
        await bootstrap(temporal_address, namespace)


async def test_a_namespace_that_is_not_there_is_made(temporal_address: str) -> None:
    client = await Client.connect(temporal_address, namespace=f"new-{uuid.uuid4().hex[:8]}")
    done = await set_up(client, timedelta(days=7))
    assert [word.partition(" ")[0] for word in done] == ["Namespace", "Search"]
    assert await set_up(client, timedelta(days=7)) == []
    assert await set_up(client, timedelta(days=9)) == ["Retention of finished orders set to 9 days"]
    assert (await search_attributes(client, client.namespace)).items() >= SEARCH_ATTRIBUTES.items()


async def test_two_that_set_up_at_once_are_no_trouble(temporal_address: str) -> None:
    client = await Client.connect(temporal_address, namespace=f"new-{uuid.uuid4().hex[:8]}")
    await asyncio.gather(*(set_up(client, timedelta(days=7)) for _ in range(3)))
    assert await set_up(client, timedelta(days=7)) == []
