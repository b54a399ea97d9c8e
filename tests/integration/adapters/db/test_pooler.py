"""What stands between us and Postgres may refuse what is said at the start of a connection, or drop what is set."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from adapters.db import migrate
from adapters.db.engine import create_engine, ping
from adapters.db.records import PostgresRecords
from domain.vocabulary.errors import OutsideRefused
from tests.integration.adapters.db.orders import new_order

ALLOWED = {b"user", b"database", b"client_encoding", b"application_name", b"datestyle", b"timezone"}


class Pooler:
    """Passes bytes on, once it has looked at the start of a connection as PgBouncer does in session mode."""

    def __init__(self, url: str) -> None:
        self.to = urlsplit(url)
        self.drops = b""  # a setting in whose place another is set, which is nobody's
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun = await reader.readexactly(8)
        while begun[4:] == struct.pack("!I", 80877103):  # asks for TLS
            writer.write(b"N")
            begun = await reader.readexactly(8)
        words = await reader.readexactly(struct.unpack("!I", begun[:4])[0] - 8)
        names = set(words.split(b"\0")[0::2]) - {b""}
        if unknown := names - ALLOWED:
            said = b"SFATAL\0C08P01\0Munsupported startup parameter: " + min(unknown) + b"\0\0"
            writer.write(b"E" + struct.pack("!I", len(said) + 4) + said)
            writer.close()
            return
        there, back = await asyncio.open_connection(self.to.hostname, self.to.port)
        back.write(begun + words)
        await asyncio.wait(
            [asyncio.create_task(self._pour(reader, back)), asyncio.create_task(self._pour(there, writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        writer.close()
        back.close()

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                if self.drops:
                    data = data.replace(self.drops, b"dropped.one"[: len(self.drops)])
                writer.write(data)
                await writer.drain()


@pytest.fixture
async def pooler(postgres_url: str) -> AsyncIterator[Pooler]:
    pooler = Pooler(postgres_url)
    server = await asyncio.start_server(pooler.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pooler.url = postgres_url.replace(f":{pooler.to.port}/", f":{port}/")
    yield pooler
    server.close()


async def test_a_pooler_of_sessions_that_refuses_settings_at_the_start_will_do(pooler: Pooler, schema: str) -> None:
    engine = create_engine(pooler.url, schema)
    await PostgresRecords(engine).save(new_order())
    async with engine.connect() as connection:
        shown = [await connection.scalar(text(f"SHOW {name}")) for name in ("search_path", "statement_timeout")]
    assert shown == [f'"{schema}"' if not schema.islower() else schema, "15s"]
    assert await migrate.current(pooler.url, schema) == migrate.head()
    await engine.dispose()


async def test_a_setting_that_gets_lost_on_the_way_is_noticed_before_a_row_is_written(
    pooler: Pooler, schema: str
) -> None:
    pooler.drops = b"search_path"
    engine = create_engine(pooler.url, schema)
    with pytest.raises(OutsideRefused, match="into the schema public"):
        await ping(engine)
    await engine.dispose()
