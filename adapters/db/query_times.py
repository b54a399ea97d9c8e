"""Measures the time of each statement that goes to Postgres."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

BEGAN = "statement_began"
VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}


def observe(engine: AsyncEngine, tell: Callable[[str, float], None]) -> None:
    """Tell the verb of each statement, in small letters or `other`, and its seconds, until the server has answered."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _begin(connection: Any, *_: Any) -> None:
        connection.info[BEGAN] = time.perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def _end(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seconds = time.perf_counter() - connection.info.pop(BEGAN)
        verb = statement.lstrip()[:6].strip().upper().partition(" ")[0]
        tell(verb.lower() if verb in VERBS else "other", seconds)
