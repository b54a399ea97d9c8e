"""Users reach their own rows only, whatever the gateway forgets; and each policy that is broken is noticed."""

from collections.abc import AsyncIterator, Mapping

import asyncpg
import pytest

from adapters.db.models import Base
from tests.integration.adapters.db.task_history.conftest import House
from tests.integration.adapters.db.task_history.rights import (
    ACTORS,
    CELLS,
    TABLES,
    Actor,
    become,
    differences,
    expected,
    fill,
    outcome,
    tried,
    unguarded,
)
from tests.integration.conftest import libpq

# What each actor may do must not hang on grants alone, so policies are tried without them.
ALL_GRANTS = [
    f"GRANT ALL ON {', '.join(TABLES)} TO darkroom_gateway, darkroom_worker, darkroom_user",
    "GRANT ALL ON SEQUENCE task_history_revision TO darkroom_gateway, darkroom_worker, darkroom_user",
]


async def connected(house: House, url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(libpq(url))
    await connection.execute(f"SET search_path TO {house.schema}")
    return connection


@pytest.fixture(scope="module")
async def logged_in(house: House) -> AsyncIterator[Mapping[str, asyncpg.Connection]]:
    """A connection for each login, really logged in with its password."""
    urls = {"gateway": house.gateway, "worker": house.worker, "owner": house.owner}
    found = {name: await connected(house, url) for name, url in urls.items()}
    await fill(found["worker"])
    yield found
    for connection in found.values():
        await connection.close()


@pytest.fixture(scope="module")
async def above(house: House, logged_in: Mapping[str, asyncpg.Connection]) -> AsyncIterator[asyncpg.Connection]:
    """A superuser, who breaks policies in a transaction and takes on each login there."""
    connection = await connected(house, house.administrator)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def logins(logged_in: Mapping[str, asyncpg.Connection]) -> Mapping[str, str]:
    return {name: await connection.fetchval("SELECT session_user") for name, connection in logged_in.items()}


async def test_nobody_stands_above_the_policies(
    house: House, logged_in: Mapping[str, asyncpg.Connection], logins: Mapping[str, str]
) -> None:
    gateway = logged_in["gateway"]
    assert logins["gateway"] == "darkroom_gateway"
    assert logins["worker"] == "darkroom_worker"
    assert await unguarded(gateway, house.schema, list(logins.values())) == []
    for role in ("darkroom_worker", logins["owner"]):
        assert not await gateway.fetchval("SELECT pg_has_role(session_user, $1, 'MEMBER')", role)
    owned = "SELECT count(*) FROM pg_class WHERE relowner = ANY($1::regrole[])"
    assert await gateway.fetchval(owned, ["darkroom_gateway", "darkroom_worker", "darkroom_user"]) == 0


@pytest.mark.parametrize(("table", "command", "name"), CELLS)
async def test_each_may_do_what_the_matrix_says(
    logged_in: Mapping[str, asyncpg.Connection], table: str, command: str, name: str
) -> None:
    actor = ACTORS[name]
    found = await outcome(logged_in[actor.login], table, command, "", actor)
    assert found == expected(table, command, name)


@pytest.mark.parametrize("table", sorted(Base.metadata.tables.keys() - set(TABLES)))
async def test_a_user_reaches_no_table_of_the_shop(logged_in: Mapping[str, asyncpg.Connection], table: str) -> None:
    async with tried(logged_in["gateway"]):
        await become(logged_in["gateway"], ACTORS["owner"])
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await logged_in["gateway"].execute(f"SELECT FROM {table}")


@pytest.mark.parametrize(
    "claims",
    ["", "null", "{", "[]", '"x"', "5", "{}", '{"sub": null}', '{"sub": 5}', '{"sub": "x"}', '{"sub": {"a": 1}}', "{'"],
)
@pytest.mark.parametrize("table", TABLES)
async def test_claims_that_make_no_sense_are_nobodys(
    logged_in: Mapping[str, asyncpg.Connection], table: str, claims: str
) -> None:
    actor = Actor("gateway", "darkroom_user", claims)
    assert await outcome(logged_in["gateway"], table, "select", "", actor) == ""


async def test_policies_hold_without_the_help_of_grants(
    house: House, above: asyncpg.Connection, logins: Mapping[str, str]
) -> None:
    async with tried(above):
        await above.execute("; ".join(ALL_GRANTS))
        assert [found async for found in differences(above, house.schema, logins)] == []


MUTANTS = """
    SELECT tablename, policyname, qual, with_check, roles::text[] FROM pg_policies
     WHERE schemaname = $1 ORDER BY tablename, policyname
"""


async def mutants(connection: asyncpg.Connection, schema: str) -> AsyncIterator[str]:
    """Every way to break one policy, or one table's guard."""
    for table in TABLES:
        yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY forgotten ON {table} USING (true)"
        yield f"CREATE POLICY forgotten ON {table} TO darkroom_user USING (true) WITH CHECK (true)"
    for table, name, using, check, roles in await connection.fetch(MUTANTS, schema):
        yield f"DROP POLICY {name} ON {table}"
        if using not in (None, "true"):
            yield f"ALTER POLICY {name} ON {table} USING (true)"
        if check not in (None, "true"):
            yield f"ALTER POLICY {name} ON {table} WITH CHECK (true)"
        yield f"ALTER POLICY {name} ON {table} TO PUBLIC"
        for role in {"darkroom_user", "darkroom_gateway"} - set(roles):
            yield f"ALTER POLICY {name} ON {table} TO {', '.join([*roles, role])}"
    yield "ALTER ROLE darkroom_gateway BYPASSRLS"
    yield "ALTER ROLE darkroom_user BYPASSRLS"
    yield "GRANT darkroom_worker TO darkroom_gateway"
    yield "GRANT darkroom_user TO darkroom_gateway WITH INHERIT TRUE"


async def test_every_policy_that_is_broken_turns_the_matrix_red(
    house: House, above: asyncpg.Connection, logins: Mapping[str, str]
) -> None:
    survivors, count = [], 0
    async for mutant in mutants(above, house.schema):
        async with tried(above):
            await above.execute("; ".join([*ALL_GRANTS, mutant]))
            noticed = await anext(differences(above, house.schema, logins), None)
        count += 1
        if noticed is None:
            survivors.append(mutant)
    assert survivors == []
    assert count > 50, "the policies were not found"
