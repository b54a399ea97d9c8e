"""Temporal behind TLS that asks for our certificate, as a cluster's is: a proxy in front of the real server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.vocabulary.status import Status
from runtime import wiring
from runtime.settings import Settings
from starter.commands.operating import doctor
from tests.integration.adapters.mail.certificates import Authority
from tests.integration.orders.conftest import RealShop
from tests.integration.orders.pages import worker

HOST = "temporal.shop.example"


@dataclass(frozen=True)
class Guarded:
    """A server that lets nobody in without a certificate, and the settings of who has one."""

    shop: RealShop
    env: Mapping[str, str]

    def settings(self, **other: str | None) -> Settings:
        env = {**self.shop.env, **self.env, **other}
        values = {name.lower(): value for name, value in env.items() if value is not None}
        return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # text, as in the environment


@pytest.fixture
async def guarded(real_shop: RealShop, tmp_path: Path) -> AsyncIterator[Guarded]:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("a-worker")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.file))
    context.load_cert_chain(*authority.issue(HOST))
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    async with proxy(context, real_shop.settings.temporal_address) as address:
        env = {
            "TEMPORAL_ADDRESS": address,
            "TEMPORAL_TLS": "true",
            "TEMPORAL_TLS_SERVER_NAME": HOST,
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(authority.file),
            "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificate),
            "TEMPORAL_TLS_CLIENT_KEY_PATH": str(key),
        }
        yield Guarded(real_shop, env)


@asynccontextmanager
async def proxy(context: ssl.SSLContext, target: str) -> AsyncIterator[str]:
    """Take TLS away in front of a server."""
    host, port = target.split(":")
    open_ways: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ways.add(task)
        behind, to_behind = await asyncio.open_connection(host, int(port))
        try:
            await asyncio.gather(_pass_on(reader, to_behind), _pass_on(behind, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            to_behind.close()
            writer.close()
            open_ways.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for way in open_ways:
            way.cancel()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_an_order_is_made_by_a_worker_that_reaches_temporal_by_mutual_tls(
    guarded: Guarded, real_shop: RealShop, photo: bytes
) -> None:
    page = worker(real_shop, **guarded.env)
    assert (await page.is_ready())["queue orders"] == "ok"
    order = await real_shop.new_order(photo)
    assert (await order.is_shown()).status is Status.AWAITING_CONFIRM
    real_shop.kill_worker()


async def test_the_doctor_names_the_way(guarded: Guarded) -> None:
    assert ", TLS," in await doctor.CHECKS["Temporal"](guarded.settings())


async def test_a_profile_of_a_file_opens_as_well(guarded: Guarded, tmp_path: Path) -> None:
    env, file = guarded.env, tmp_path / "temporal.toml"
    text = f"""
[profile.shop]
address = "{env["TEMPORAL_ADDRESS"]}"
namespace = "{guarded.shop.env["TEMPORAL_NAMESPACE"]}"
[profile.shop.tls]
server_name = "{HOST}"
server_ca_cert_path = "{env["TEMPORAL_TLS_SERVER_CA_CERT_PATH"]}"
client_cert_path = "{env["TEMPORAL_TLS_CLIENT_CERT_PATH"]}"
client_key_path = "{env["TEMPORAL_TLS_CLIENT_KEY_PATH"]}"
"""
    await asyncio.to_thread(file.write_text, text)
    settings = Settings(_env_file=None, temporal_profile="shop", temporal_config_file=str(file))
    assert (await wiring.temporal(settings).connect()).namespace == guarded.shop.env["TEMPORAL_NAMESPACE"]


@pytest.mark.parametrize(
    "other",
    [
        {"TEMPORAL_TLS": "false"},
        {"TEMPORAL_TLS_CLIENT_CERT_PATH": None, "TEMPORAL_TLS_CLIENT_KEY_PATH": None},
        {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": None},
        {"TEMPORAL_TLS_SERVER_NAME": "another.example"},
    ],
)
async def test_who_lacks_a_part_of_it_is_not_let_in(guarded: Guarded, other: dict[str, str | None]) -> None:
    with pytest.raises(RuntimeError):
        async with asyncio.timeout(60):
            await wiring.temporal(guarded.settings(**other)).connect()
