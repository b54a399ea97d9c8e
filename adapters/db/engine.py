"""Connects to Postgres, and translates its errors."""

import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from domain.vocabulary.errors import DarkroomError, OutsideRefused, OutsideUnavailable, ValueRefused, away, refuses

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 15
LOCK_SECONDS = 5
PING_AFTER_SECONDS = 5.0  # of being idle
POOL_SIZE = 15

# Temporary SQLSTATE classes (Postgres manual, appendix A): connection, rollback (deadlock), resources, lock not
# available, operator intervention (shutdown, timeout), system error; and read-only, as in a fail-over.
PASSING_STATES = ("08", "40", "53", "55P03", "57", "58", "25006")
# Values that are never accepted: wrong type or size, constraint violation, too large for an index.
REFUSING_STATES = ("22", "23", "54")
# To be fixed by staff: missing feature, database, schema, table or privilege, or a wrong password.
SETTING_STATES = ("0A", "28", "3D", "3F", "42")
OLD_TABLES = ("42P01", "42703")  # no such table, no such column

QUOTED_ARGUMENT = re.compile(r"(query argument \$\d+): .*\((.*)\)$")
QUOTED_VALUE = re.compile(r"(?<=syntax for type ).*|(?<=out of range): .*")


def create_engine(database_url: str, schema: str = "public", statement_seconds: int = STATEMENT_SECONDS) -> AsyncEngine:
    """Return a connection pool for one schema; it does not connect yet.

    A connection pooler such as PgBouncer may reject or drop start-up parameters, so they are set after connecting, and
    the schema is verified.
    """
    engine = create_async_engine(
        database_url,
        hide_parameters=True,  # they hold customers' data, and errors are logged
        pool_timeout=CONNECT_SECONDS,
        pool_size=POOL_SIZE,  # none beyond it: such a connection is closed after use, and a new one costs 20 ms of CPU
        max_overflow=0,
        pool_use_lifo=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": statement_seconds + 1,  # for a server that vanished silently
            "server_settings": {"application_name": "darkroom"},
        },
    )
    quoted = '"{}"'.format(schema.replace('"', '""'))
    settings = (
        f"SET search_path TO {quoted}; SET statement_timeout TO '{statement_seconds}s';"
        f" SET lock_timeout TO '{LOCK_SECONDS}s'; SET timezone TO 'UTC'"
    )

    async def settle(driver: Any) -> None:
        await driver.execute(settings)
        found = await driver.fetchval("SELECT current_schema()")
        if found not in {schema, None}:  # None: the schema does not exist yet
            raise OutsideRefused(
                f"Postgres would write into the schema {found}, not into {schema}", why=refuses("records")
            )

    _replace_dead_connections(engine.sync_engine)

    @event.listens_for(engine.sync_engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.run_async(settle)

    return engine


def without_transactions(engine: AsyncEngine) -> AsyncEngine:
    """Return the same pool for single statements: BEGIN and COMMIT would make three round trips of each."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def of_one_moment(engine: AsyncEngine) -> AsyncEngine:
    """Return the same pool for several statements that must see one state, although a workflow writes between them."""
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _replace_dead_connections(engine: Engine) -> None:
    """Replace connections that died while idle.

    A server that stops tells the driver. One that vanished does not, so a connection that was idle for a while is
    pinged; pinging each time, as SQLAlchemy's `pool_pre_ping` does, would double the round trips.
    """

    @event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _check(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        idle = time.monotonic() - record.info.get("idle_since", math.inf)
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server has closed the connection")
        if idle > PING_AFTER_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except Exception as error:
                raise DisconnectionError("the server does not answer") from error


async def ping(engine: AsyncEngine) -> None:
    """Check that the server answers. Raises OutsideUnavailable, OutsideRefused."""
    with outages():
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))


@contextmanager
def outages() -> Iterator[None]:
    """Translate errors: OutsideUnavailable for temporary ones, OutsideRefused for those that staff must fix.

    ValueRefused is for a value that is never accepted; any other error is a bug and passes unchanged.
    """
    try:
        yield
    except (OSError, TimeoutError, PoolTimeoutError) as error:
        raise _unavailable(error) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _unavailable(error.orig) from error
        raise _of_state(error.orig) or error from error
    except StatementError as error:  # a value that the driver cannot send
        if isinstance(error.orig, ValueError | TypeError | OverflowError | RecursionError):
            raise ValueRefused(f"Postgres cannot be given a value: {type(error.orig).__name__}") from error
        raise
    except Exception as error:  # while connecting, SQLAlchemy does not wrap the driver's errors
        raise _of_state(error) or error from error


def _of_state(error: BaseException | None) -> DarkroomError | None:
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith(PASSING_STATES):
        return _unavailable(error)
    if state.startswith(REFUSING_STATES):
        return ValueRefused(f"Postgres refuses a value: {_first_line(error)}")
    if state in OLD_TABLES:
        return OutsideRefused(f"tables missing or outdated: run `darkroom db upgrade` ({_first_line(error)})")
    if state.startswith(SETTING_STATES):
        return OutsideRefused(f"Postgres refuses us: {_first_line(error)}")
    return None


def _unavailable(error: BaseException | None) -> OutsideUnavailable:
    return OutsideUnavailable(f"Postgres is away: {_first_line(error)}", why=away("records"))


def _first_line(error: BaseException | None) -> str:
    """Return the first line of an error, without quoted values; the other lines quote the row."""
    line = f"{type(error).__name__}: {error}".partition("\n")[0]
    return QUOTED_VALUE.sub("", QUOTED_ARGUMENT.sub(r"\1: \2", line))
