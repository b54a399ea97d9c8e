"""The writers of the records of orders on a schema of the test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import create_engine
from adapters.db.ledger import PostgresLedger
from adapters.db.order_history import OrderHistory
from adapters.db.records import PostgresRecords
from tests.conftest import Servers
from tests.integration.adapters.db.order_history.making import Query


@pytest.fixture
async def administrator(postgres_url: str, schema: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(postgres_url, schema)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(servers: Servers, schema: str) -> AsyncIterator[AsyncEngine]:
    """The worker's own login, whom the policies bind."""
    engine = create_engine(servers.database_url_of("darkroom_worker"), schema)
    yield engine
    await engine.dispose()


@pytest.fixture
def history() -> OrderHistory:
    return OrderHistory(price=3)


@pytest.fixture
def records(engine: AsyncEngine, history: OrderHistory) -> PostgresRecords:
    return PostgresRecords(engine, history)


@pytest.fixture
def ledger(engine: AsyncEngine, history: OrderHistory) -> PostgresLedger:
    return PostgresLedger(engine, history)


@pytest.fixture
def query(administrator: AsyncEngine) -> Query:
    async def run(sql: str = "SELECT * FROM user_task_history ORDER BY call_id", **values: Any) -> list[dict[str, Any]]:
        async with administrator.begin() as connection:
            result = await connection.execute(text(sql), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    return run
