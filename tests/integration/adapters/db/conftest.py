"""The tables as people query them, and what writes to them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords

Query = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def records(engine: AsyncEngine) -> PostgresRecords:
    return PostgresRecords(engine)


@pytest.fixture
def ledger(engine: AsyncEngine) -> PostgresLedger:
    return PostgresLedger(engine)


@pytest.fixture
def query(engine: AsyncEngine) -> Query:
    """Run SQL by hand, as people of the shop do, and return its rows."""

    async def run(sql: str, **parameters: Any) -> list[dict[str, Any]]:
        async with engine.begin() as connection:
            result = await connection.execute(text(sql), parameters)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    return run
