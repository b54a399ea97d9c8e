"""Transactions of a signed-in user: role and claims hold until it ends, and row-level security reads them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from domain.task_history.users import User

CLAIM = text("SELECT set_config('role', 'darkroom_user', true), set_config('request.jwt.claims', :claims, true)")
# The lock comes before the first statement that reads, so that this sees what the writer before has written.
CLAIM_AND_HOLD = text(f"{CLAIM.text}, hold_task_history(:user_id)")
AS_LOGIN = text("SELECT set_config('role', 'none', true)")
AS_USER = text("SELECT set_config('role', 'darkroom_user', true)")


@asynccontextmanager
async def as_user(engine: AsyncEngine, user: User, *, writes: bool = False) -> AsyncIterator[AsyncConnection]:
    """Yield a connection in a transaction of this user; one that writes waits for the user's other writers.

    Raises OutsideUnavailable.
    """
    with outages():
        async with engine.begin() as connection:
            claims: dict[str, Any] = {"claims": claims_of(user)}
            if writes:
                await connection.execute(CLAIM_AND_HOLD, claims | {"user_id": user.user_id})
            else:
                await connection.execute(CLAIM, claims)
            yield connection


def claims_of(user: User) -> str:
    """Return the claims that the policies read, as PostgREST and Supabase write them."""
    return json.dumps({"sub": str(user.user_id), "role": user.role, "plan": user.plan})


@asynccontextmanager
async def as_login(connection: AsyncConnection) -> AsyncIterator[None]:
    """Act as the gateway's own role for a moment, with the user's claims: it grants credits, which users may not."""
    await connection.execute(AS_LOGIN)
    yield
    await connection.execute(AS_USER)
