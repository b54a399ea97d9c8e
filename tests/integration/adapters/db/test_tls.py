"""Postgres by TLS, as DATABASE_URL asks for it: a door in front of the real server, whose build has none."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from adapters.db.engine import create_engine, ping
from domain.vocabulary.errors import OutsideUnavailable
from tests.integration.adapters.mail.certificates import Authority

ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")  # the SSLRequest of the protocol, before anything else


@dataclass
class Guarded:
    """A server that is reached by TLS, and how often it was."""

    url: URL
    authority: Authority
    greeted: int = 0

    def asking(self, mode: str, host: str = "localhost") -> str:
        return self.url.set(host=host).update_query_dict({"ssl": mode}).render_as_string(hide_password=False)


@pytest.fixture
async def guarded(postgres_url: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    plain = make_url(postgres_url)
    found = Guarded(plain, Authority(tmp_path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*found.authority.issue("localhost"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readexactly(8) != ASKS_FOR_TLS:
            writer.close()  # who speaks plainly is not let in
            return
        writer.write(b"S")
        try:
            await writer.start_tls(context)
            found.greeted += 1
            behind, to_behind = await asyncio.open_connection(plain.host, plain.port)
            await asyncio.gather(_pass_on(reader, to_behind), _pass_on(behind, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.url = plain.set(port=server.sockets[0].getsockname()[1])
    yield found
    server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def reach(url: str) -> None:
    engine = create_engine(url)
    try:
        await ping(engine)
    finally:
        await engine.dispose()


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_the_url_asks_for_tls(guarded: Guarded, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(guarded.authority.file))
    await reach(guarded.asking(mode))
    assert guarded.greeted == 1


async def test_a_server_of_another_name_is_refused(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(guarded.authority.file))
    await reach(guarded.asking("verify-ca", "127.0.0.1"))
    with pytest.raises(OutsideUnavailable, match=r"not valid for '127\.0\.0\.1'"):
        await reach(guarded.asking("verify-full", "127.0.0.1"))


async def test_a_server_of_another_authority_is_refused(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(Authority(tmp_path / "stranger").file))
    with pytest.raises(OutsideUnavailable, match="certificate verify failed"):
        await reach(guarded.asking("verify-full"))


async def test_a_server_without_tls_is_refused(postgres_url: str) -> None:
    url = make_url(postgres_url).update_query_dict({"ssl": "require"}).render_as_string(hide_password=False)
    with pytest.raises(OutsideUnavailable, match="rejected SSL upgrade"):
        await reach(url)
