"""Connections to Postgres, and the one place where its outages become OutsideUnavailable."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from domain.errors import OutsideUnavailable

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 15
LOCK_SECONDS = 5

# Classes of SQLSTATE that pass by themselves (Postgres manual, appendix A): connection, rollback (deadlock), resources,
# lock not available, operator intervention (shutdown, time-out), system error; and read-only, seen in a fail-over.
PASSING_STATES = ("08", "40", "53", "55P03", "57", "58", "25006")


def create_engine(database_url: str, schema: str = "public", statement_seconds: int = STATEMENT_SECONDS) -> AsyncEngine:
    """Return a pool of connections that see the tables of one schema; nothing is connected yet."""
    return create_async_engine(
        database_url,
        pool_pre_ping=True,  # a connection that died while it was idle is replaced, not handed out
        pool_timeout=CONNECT_SECONDS,
        pool_size=5,
        max_overflow=10,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": statement_seconds + 1,  # for a server that is gone without a word
            "server_settings": {
                "application_name": "darkroom",
                "search_path": '"{}"'.format(schema.replace('"', '""')),
                "statement_timeout": f"{statement_seconds}s",
                "lock_timeout": f"{LOCK_SECONDS}s",
                "timezone": "UTC",
            },
        },
    )


async def ping(engine: AsyncEngine) -> None:
    """Ask the server for a sign of life. Raises OutsideUnavailable."""
    with outages():
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))


@contextmanager
def outages() -> Iterator[None]:
    """Raise OutsideUnavailable for what passes by itself; everything else is a bug and stays what it is."""
    try:
        yield
    except (OSError, TimeoutError, PoolTimeoutError) as error:
        raise _unavailable(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or _passes(error.orig):
            raise _unavailable(error.orig) from error
        raise


def _passes(error: BaseException | None) -> bool:
    return (getattr(error, "sqlstate", None) or "").startswith(PASSING_STATES)


def _unavailable(error: BaseException | None) -> OutsideUnavailable:
    return OutsideUnavailable(f"Postgres is away: {type(error).__name__}: {error}")
