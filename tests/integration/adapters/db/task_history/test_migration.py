"""The revision of the task history on tables that are in use."""

import uuid

import anyio
import asyncpg

from adapters.db import migrate
from stack.programs import postgres_program
from tests.integration.adapters.db.task_history.conftest import House
from tests.integration.conftest import libpq

TABLES = """
    SELECT count(*) FROM pg_tables
     WHERE schemaname = $1 AND tablename IN ('user_task_history', 'user_task_statistics', 'credit_ledger')
"""
LEFT = """
    SELECT proname FROM pg_proc WHERE pronamespace = $1::regnamespace
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = $1::regnamespace AND typname = 'counted_task'
    UNION ALL SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'S'
"""


async def connected(url: str, schema: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(libpq(url))
    await connection.execute(f"SET search_path TO {schema}")
    return connection


async def test_up_and_down_and_up_on_tables_in_use(house: House) -> None:
    schema = f"old_{uuid.uuid4().hex[:8]}"
    await migrate.upgrade(house.owner, schema, "0009")
    owner = await connected(house.owner, schema)
    await owner.execute("CREATE TABLE kept AS SELECT 1 AS number")
    await owner.execute("INSERT INTO begun (name, begun_by) VALUES ('ORDER', 'somebody')")
    for _ in range(2):
        await migrate.upgrade(house.owner, schema)
        assert await owner.fetchval(TABLES, schema) == 3
        await owner.execute("CREATE TABLE IF NOT EXISTS later (number int)")
        for url in (house.worker, house.gateway):
            login = await connected(url, schema)
            assert await login.fetchval("SELECT begun_by FROM begun") == "somebody"
            assert await login.fetchval("SELECT number FROM kept") == 1
            await login.execute("INSERT INTO later VALUES (1)")
            assert await login.fetchval("SELECT version_num FROM alembic_version") == migrate.head()
            await login.close()
        await migrate.downgrade(house.owner, schema, "0009")
        assert await owner.fetchval(TABLES, schema) == 0
        assert await owner.fetch(LEFT, schema) == []
    await owner.close()


async def test_a_dump_by_the_owner_stops_instead_of_leaving_rows_out(house: House) -> None:
    command = [postgres_program("pg_dump"), "--schema", house.schema, "--format=custom"]
    as_owner = await anyio.run_process([*command, libpq(house.owner)], check=False)
    assert as_owner.returncode != 0
    assert b"row-level security" in as_owner.stderr
    assert (await anyio.run_process([*command, libpq(house.administrator)])).returncode == 0


async def test_functions_with_the_owners_rights_look_in_their_own_schema_only(house: House) -> None:
    """Else whoever can create a table of the same name elsewhere would write it with the owner's rights."""
    owner = await connected(house.owner, house.schema)
    found = await owner.fetch(
        "SELECT proname, proconfig FROM pg_proc WHERE pronamespace = $1::regnamespace AND prosecdef", house.schema
    )
    assert {row["proname"] for row in found} == {"keep_task_history", "mend_task_statistics"}
    assert {tuple(row["proconfig"]) for row in found} == {(f"search_path={house.schema}, pg_temp",)}
    callable_ = "SELECT has_function_privilege($1, 'mend_task_statistics(uuid)', 'EXECUTE')"
    assert [await owner.fetchval(callable_, f"darkroom_{role}") for role in ("worker", "gateway", "user")] == [
        True, False, False,
    ]  # fmt: skip
    await owner.close()
