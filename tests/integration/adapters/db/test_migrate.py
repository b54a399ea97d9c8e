"""The tables, as the migrations make them on a real Postgres."""

import asyncio
import uuid
from decimal import Decimal

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateSchema

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.db.models import Base
from adapters.db.records import PostgresRecords
from domain.attempts.work import LateEvent
from domain.vocabulary.money import Refund
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import finished_order

TABLES = set(Base.metadata.tables)

# Everything the catalogue knows of the tables of the search path, checks and comments included.
CATALOGUE = """
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
           pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid), '', '', obj_description(c.oid)
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'index', tablename, indexname, replace(indexdef, current_schema() || '.', ''), '', '', ''
      FROM pg_indexes WHERE schemaname = current_schema()
"""


async def catalogue(engine: AsyncEngine) -> set[tuple[str, ...]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text(CATALOGUE))
        return {tuple(row) for row in rows if row[1] != "alembic_version"}


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, Base.metadata))


async def test_models_and_migrations_agree_for_alembic(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_models_and_migrations_agree_to_the_last_check_and_comment(
    engine: AsyncEngine, postgres_url: str
) -> None:
    name = f"test_{uuid.uuid4().hex}"
    from_models = create_engine(postgres_url, name)
    async with from_models.begin() as connection:
        await connection.execute(CreateSchema(name))
        await connection.run_sync(Base.metadata.create_all)
    made = await catalogue(from_models)
    await from_models.dispose()
    assert await catalogue(engine) == made
    assert {row[1] for row in made} == TABLES


async def test_a_schema_stands_at_the_head_after_an_upgrade(postgres_url: str, schema: str) -> None:
    assert await migrate.current(postgres_url, schema) == migrate.head() is not None


async def test_an_upgrade_repeated_changes_nothing(postgres_url: str, schema: str, engine: AsyncEngine) -> None:
    before = await catalogue(engine)
    await migrate.upgrade(postgres_url, schema)
    assert await catalogue(engine) == before


async def test_old_code_leaves_the_tables_of_newer_code_alone(
    postgres_url: str, schema: str, engine: AsyncEngine
) -> None:
    before = await catalogue(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'of a later version'"))
    await migrate.upgrade(postgres_url, schema)
    assert await migrate.current(postgres_url, schema) == "of a later version"
    assert await catalogue(engine) == before
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": migrate.head()})


async def test_a_downgrade_leaves_no_table_and_can_be_upgraded_again(
    postgres_url: str, schema: str, engine: AsyncEngine
) -> None:
    before = await catalogue(engine)
    await migrate.downgrade(postgres_url, schema)
    assert await migrate.current(postgres_url, schema) is None
    assert await catalogue(engine) == set()
    await migrate.upgrade(postgres_url, schema)
    assert await catalogue(engine) == before


async def test_a_downgrade_drops_only_what_the_narrower_tables_cannot_hold(
    postgres_url: str, schema: str, query: Query, records: PostgresRecords
) -> None:
    order = finished_order()
    order.refunds = [
        Refund(refund_id=name, amount=Decimal(1), currency="CNY", at=order.created_at) for name in ("pay-1", "r1")
    ]
    await records.save(order)
    late = LateEvent(order_id="ORDER_OF_NOBODY", signal="customer_message", payload={})
    await records.keep_late_event(late, "e1", order.created_at)
    await migrate.downgrade(postgres_url, schema, "0001")
    assert await query("SELECT DISTINCT order_id FROM order_events") == [{"order_id": order.order_id}]
    rows = await query("SELECT kind, payment_id FROM payments ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("payment", "pay-1"), ("refund", "r1")]
    await migrate.upgrade(postgres_url, schema)
    assert await migrate.current(postgres_url, schema) == migrate.head()


async def test_processes_that_upgrade_at_the_same_time_wait_for_each_other(postgres_url: str) -> None:
    name = f"Test {uuid.uuid4().hex}"
    await asyncio.gather(*(migrate.upgrade(postgres_url, name) for _ in range(4)))
    assert await migrate.current(postgres_url, name) == migrate.head()


async def test_tables_stay_in_their_schema(postgres_url: str, schema: str, engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        )
        assert not TABLES & set(found.scalars())
