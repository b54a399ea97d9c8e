"""Which role the process logs in as, and what Postgres lets that role do."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import outages

FIND = text("""
    SELECT session_user AS name,
           rolsuper OR rolbypassrls AS bypasses_policies,
           EXISTS (
               SELECT FROM pg_tables WHERE schemaname = current_schema() AND tableowner = session_user
           ) AS owns_tables,
           pg_has_role(session_user, 'darkroom_user', 'SET') AS acts_for_users
      FROM pg_roles WHERE rolname = session_user
""")


@dataclass(frozen=True)
class Login:
    """A role. `acts_for_users`: it may take on the role of signed-in users, as the gateway must."""

    name: str
    bypasses_policies: bool
    owns_tables: bool
    acts_for_users: bool


async def login(engine: AsyncEngine) -> Login:
    """Return the role of the engine's connections; the tables must be there. Raises OutsideUnavailable."""
    with outages():
        async with engine.connect() as connection:
            return Login(**(await connection.execute(FIND)).mappings().one())
