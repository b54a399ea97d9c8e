"""Who may do what with the rows of whom: the matrix, and what differs from it."""

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

ANNA, BEN = (uuid.UUID(int=number) for number in (0xA, 0xB))
TABLES = ("user_task_history", "user_task_statistics", "credit_ledger")


@dataclass(frozen=True)
class Actor:
    """Somebody who logs in as one role, may take on another, and may claim to be a user."""

    login: str
    role: str = ""
    claims: str = ""


def claims(who: uuid.UUID) -> str:
    return json.dumps({"sub": str(who), "role": "user", "plan": ""})


ACTORS = {
    "anonymous": Actor("gateway"),
    "gateway": Actor("gateway", claims=claims(ANNA)),  # forgot to be the user
    "user without claims": Actor("gateway", "darkroom_user"),
    "other user": Actor("gateway", "darkroom_user", claims(BEN)),
    "owner": Actor("gateway", "darkroom_user", claims(ANNA)),
    "worker": Actor("worker"),
    "owner of the tables": Actor("owner"),
}
# What is tried. A row of a user is put in for each user; everything else is tried on all rows there are.
TASK_INSERT = "INSERT INTO user_task_history (user_id, task_type, prompt) VALUES ($1, 'image_edit', 'x')"
SUM_INSERT = "INSERT INTO user_task_statistics (user_id, period_type, period_date) VALUES ($1, 'day', '2000-01-01')"
GRANT = "INSERT INTO credit_ledger (user_id, what, amount) VALUES ($1, 'grant of a test', 5)"
CHARGE = "INSERT INTO credit_ledger (user_id, what, amount, task) VALUES ($1, 'image_edit', -5, uuidv7())"
ATTEMPTS: Mapping[tuple[str, str], str] = {
    ("user_task_history", "select"): "SELECT user_id FROM user_task_history",
    ("user_task_history", "insert"): TASK_INSERT,
    ("user_task_history", "update"): "UPDATE user_task_history SET favourite = true",
    ("user_task_history", "delete"): "DELETE FROM user_task_history",
    ("user_task_statistics", "select"): "SELECT user_id FROM user_task_statistics WHERE period_type = 'all'",
    ("user_task_statistics", "insert"): SUM_INSERT,
    ("user_task_statistics", "update"): "UPDATE user_task_statistics SET total_tasks = 0",
    ("user_task_statistics", "delete"): "DELETE FROM user_task_statistics",
    ("credit_ledger", "select"): "SELECT user_id FROM credit_ledger",
    ("credit_ledger", "insert grant"): GRANT,
    ("credit_ledger", "insert charge"): CHARGE,
    ("credit_ledger", "update"): "UPDATE credit_ledger SET amount = 0",
    ("credit_ledger", "delete"): "DELETE FROM credit_ledger",
}
# Whose rows: A is Anna's, B is Ben's. Who is not named may do nothing.
OWN = {"owner": "A", "other user": "B"}
WORKER, KEEPER = {"worker": "AB"}, {"owner of the tables": "AB"}
RIGHTS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("user_task_history", "select"): OWN | WORKER | KEEPER,
    ("user_task_history", "insert"): OWN | WORKER,
    ("user_task_history", "update"): OWN | WORKER,
    ("user_task_history", "delete"): OWN | WORKER,
    ("user_task_statistics", "select"): OWN | WORKER | KEEPER,
    ("user_task_statistics", "insert"): KEEPER,
    ("user_task_statistics", "update"): KEEPER,
    ("user_task_statistics", "delete"): KEEPER,
    ("credit_ledger", "select"): OWN | WORKER | KEEPER,
    ("credit_ledger", "insert grant"): {"gateway": "A"} | WORKER | KEEPER,
    ("credit_ledger", "insert charge"): WORKER | KEEPER,
    ("credit_ledger", "update"): WORKER,
    ("credit_ledger", "delete"): WORKER,
}
CELLS = [(*cell, actor) for cell in ATTEMPTS for actor in ACTORS]
GUARDS = """
    SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
     WHERE relnamespace = $1::regnamespace AND relname = ANY($2)
"""
POWERS = "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR rolcreaterole)"


def expected(table: str, command: str, actor: str) -> str:
    return RIGHTS[table, command].get(actor, "")


async def unguarded(connection: asyncpg.Connection, schema: str, roles: list[str]) -> list[str]:
    """What must be so before the matrix means anything: nobody stands above the policies."""
    rows = await connection.fetch(GUARDS, schema, list(TABLES))
    found = [f"{row['relname']} is not forced" for row in rows if not (row[1] and row[2])]
    found += [f"{row[0]} is too mighty" for row in await connection.fetch(POWERS, [*roles, "darkroom_user"])]
    return found if len(rows) == len(TABLES) else ["tables are missing"]


@asynccontextmanager
async def tried(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Undo everything that is done inside."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        yield
    finally:
        await attempt.rollback()


async def become(connection: asyncpg.Connection, actor: Actor) -> None:
    if actor.role:
        await connection.execute(f"SET LOCAL ROLE {actor.role}")
    if actor.claims:
        await connection.execute("SELECT set_config('request.jwt.claims', $1, true)", actor.claims)


async def outcome(connection: asyncpg.Connection, table: str, command: str, login: str, actor: Actor) -> str:
    """Return whose rows the attempt reaches: A, B, AB, or nothing.

    `login` is empty if the connection is logged in as it should be; else a superuser takes on that login.
    """
    statement, reached = ATTEMPTS[table, command], ""
    if not command.startswith("insert"):
        async with tried(connection):
            return await _reached(connection, statement, command, login, actor)
    for letter, who in (("A", ANNA), ("B", BEN)):
        async with tried(connection):
            await _log_in(connection, login, actor)
            reached += letter if await _is_done(connection, statement, who) else ""
    return reached


async def _log_in(connection: asyncpg.Connection, login: str, actor: Actor) -> None:
    if login:
        await connection.execute(f"SET LOCAL SESSION AUTHORIZATION {login}")
    await become(connection, actor)


async def _is_done(connection: asyncpg.Connection, statement: str, *values: Any) -> bool:
    try:
        await connection.execute(statement, *values)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


async def _reached(connection: asyncpg.Connection, statement: str, command: str, login: str, actor: Actor) -> str:
    """Anna has more rows than Ben, so the number tells whose they are, also where nothing is read."""
    await _log_in(connection, login, actor)
    try:
        if command == "select":
            users = {row["user_id"] for row in await connection.fetch(statement)}
            return "".join(letter for letter, who in (("A", ANNA), ("B", BEN)) if who in users)
        count = int((await connection.execute(statement)).rpartition(" ")[2])
    except asyncpg.InsufficientPrivilegeError:
        return ""
    of_anna, of_ben = ROWS[statement.split()[2 if command == "delete" else 1]]
    return {0: "", of_anna: "A", of_ben: "B", of_anna + of_ben: "AB"}[count]


# Rows of Anna and of Ben in each table, after `FILL`: two records and one, each in four periods, and a grant each.
ROWS = {"user_task_history": (2, 1), "user_task_statistics": (5, 4), "credit_ledger": (3, 2)}
FILL = """
    INSERT INTO user_task_history (user_id, task_type, prompt, credits_deducted, created_at) VALUES
        ($1, 'image_edit', 'one', 1, '2026-11-02 12:00+08'), ($1, 'image_edit', 'two', 1, '2026-11-03 12:00+08'),
        ($2, 'image_edit', 'three', 1, '2026-11-02 12:00+08')
"""
FILL_GRANTS = "INSERT INTO credit_ledger (user_id, what, amount) VALUES ($1, 'grant', 10), ($2, 'grant', 10)"


async def fill(connection: asyncpg.Connection) -> None:
    """Put in the rows of both."""
    await connection.execute(FILL, ANNA, BEN)
    await connection.execute(FILL_GRANTS, ANNA, BEN)


async def differences(connection: asyncpg.Connection, schema: str, logins: Mapping[str, str]) -> AsyncIterator[str]:
    """Yield where the rights differ from the matrix, as a superuser who takes on each login in turn."""
    for fault in await unguarded(connection, schema, list(logins.values())):
        yield fault
    for table, command, name in CELLS:
        actor = ACTORS[name]
        found = await outcome(connection, table, command, logins[actor.login], actor)
        if found != expected(table, command, name):
            yield f"{name} may {command} {found or 'nothing'} of {table}"
