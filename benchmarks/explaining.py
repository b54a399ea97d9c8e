"""Collects the SQL statements of an operation, and asks Postgres to explain them."""

import json
from collections.abc import Awaitable
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.task_history.claims import as_user
from domain.task_history.users import User

TABLES = ("user_task_history", "user_task_statistics", "credit_ledger")

Statement = tuple[str, Any]


async def statements_of(engine: AsyncEngine, work: Awaitable[Any]) -> list[Statement]:
    """Run the operation, and return its statements on the task history's tables, with their parameters."""
    seen: list[Statement] = []

    def see(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if any(table in statement for table in TABLES):
            seen.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", see)
    try:
        await work
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", see)
    assert seen, "no statement was seen"
    return seen


async def explained(engine: AsyncEngine, user: User | None, statement: Statement, options: str = "") -> dict[str, Any]:
    """Return a statement's EXPLAIN as JSON, for this user or, without one, for the connection's own role."""
    text, parameters = statement
    command = f"EXPLAIN ({options + ', ' if options else ''}FORMAT JSON) {text}"
    if user is None:
        async with engine.connect() as connection:
            found = (await connection.exec_driver_sql(command, parameters)).scalar_one()
    else:
        async with as_user(engine, user) as connection:
            found = (await connection.exec_driver_sql(command, parameters)).scalar_one()
    (root,) = json.loads(found) if isinstance(found, str) else found
    return dict(root)
