"""What Postgres's outages look like from outside the adapter."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine, outages, ping
from adapters.db.records import PostgresRecords
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from tests.conftest import Servers
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import ORDER_ID, new_order


@pytest.fixture
async def other(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A second session on the same tables."""
    async with engine.connect() as connection:
        yield connection


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    engine = create_engine("postgresql+asyncpg://darkroom@127.0.0.1:1/darkroom")
    with pytest.raises(OutsideUnavailable, match="ConnectionRefusedError"):
        await PostgresRecords(engine).save(new_order())
    with pytest.raises(OutsideUnavailable):
        await ping(engine)


async def test_a_killed_server_is_an_outage_until_it_is_back(
    servers: Servers, records: PostgresRecords, query: Query
) -> None:
    order = new_order()
    await records.save(order)
    servers.kill("postgres")
    order.version += 1
    with pytest.raises(OutsideUnavailable):
        await records.save(order)
    servers.restart("postgres")
    assert await query("SELECT version FROM orders") == [{"version": 0}]
    await records.save(order)
    assert await query("SELECT version FROM orders") == [{"version": 1}]


async def test_a_migration_without_a_server_is_an_outage() -> None:
    with pytest.raises(OutsideUnavailable):
        await migrate.upgrade("postgresql+asyncpg://darkroom@127.0.0.1:1/darkroom")


async def test_a_database_that_does_not_exist_is_no_outage(postgres_url: str) -> None:
    engine = create_engine(f"{postgres_url}_of_nobody")
    with pytest.raises(OutsideRefused, match="does not exist"):
        await ping(engine)


async def test_a_session_ended_by_the_server_is_an_outage_and_the_next_one_works(
    engine: AsyncEngine, other: AsyncConnection
) -> None:
    async def work() -> None:
        async with engine.begin() as connection:
            pid = await connection.scalar(text("SELECT pg_backend_pid()"))
            await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await connection.execute(text("SELECT 1"))

    with pytest.raises(OutsideUnavailable), outages():
        await work()
    await ping(engine)


IDLE = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle' AND pid <> pg_backend_pid()")


async def test_a_pooled_connection_that_the_server_closed_is_replaced(
    engine: AsyncEngine, other: AsyncConnection
) -> None:
    closed = asyncio.Event()
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(lambda _: closed.set())
    await other.execute(IDLE)
    await asyncio.wait_for(closed.wait(), 60)
    await PostgresRecords(engine).save(new_order())


async def test_a_connection_that_was_idle_for_long_is_pinged_and_replaced_if_its_server_vanished(
    engine: AsyncEngine, other: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await PostgresRecords(engine).save(new_order())
    monkeypatch.setattr("adapters.db.engine.PING_AFTER_SECONDS", 0.0)
    await other.execute(IDLE)  # the driver has not read the news yet
    await PostgresRecords(engine).save(new_order())


async def test_a_row_locked_by_someone_else_is_an_outage(records: PostgresRecords, other: AsyncConnection) -> None:
    await records.save(new_order())
    await other.execute(text("SELECT 1 FROM orders FOR UPDATE"))
    with pytest.raises(OutsideUnavailable, match="lock timeout"):
        await records.save(new_order())


async def test_of_two_transactions_in_a_deadlock_one_sees_an_outage(engine: AsyncEngine, query: Query) -> None:
    await query("CREATE TABLE pair (n int PRIMARY KEY)")
    await query("INSERT INTO pair VALUES (1), (2)")
    both_hold_one = asyncio.Barrier(2)

    async def lock(first: int, second: int) -> None:
        with outages():
            async with engine.begin() as connection:
                one = text("SELECT 1 FROM pair WHERE n = :n FOR UPDATE")
                await connection.execute(one, {"n": first})
                await both_hold_one.wait()
                await connection.execute(one, {"n": second})

    ends = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)
    assert [type(end) for end in sorted(ends, key=str)] in (
        [type(None), OutsideUnavailable], [OutsideUnavailable, type(None)],
    )  # fmt: skip


async def test_times_are_read_in_utc(engine: AsyncEngine, records: PostgresRecords) -> None:
    await records.save(new_order())
    async with engine.connect() as connection:
        created_at = await connection.scalar(
            text("SELECT created_at::text FROM orders WHERE order_id = :id"), {"id": ORDER_ID}
        )
    assert created_at == "2026-11-22 10:00:00+00"
