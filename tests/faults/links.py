"""Proxies between our programs and the servers that they call, by the settings that name those."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.faults.proxy import Proxy, running

# The settings by which a program reaches each server.
ADDRESSES = {
    "temporal": "TEMPORAL_ADDRESS",
    "postgres": "DATABASE_URL",
    "storage": "S3_ENDPOINT_URL",
    "mail": "SMTP_PORT",
    "bot": "BOT_URL",
    "designers": "TUHUI_URL",
    "models": "GEMINI_BASE_URL",
    "staff": "WECHAT_WEBHOOK",
}


@asynccontextmanager
async def between(env: Mapping[str, str], server: str) -> AsyncIterator[tuple[Proxy, dict[str, str]]]:
    """Put a proxy before a server; yield it, and the setting of a program that goes through it."""
    name = ADDRESSES[server]
    address = env[name]
    url = urlsplit(address if "://" in address else f"//127.0.0.1:{address.rpartition(':')[2]}")
    assert url.port is not None
    async with running("127.0.0.1", url.port) as proxy:
        yield proxy, {name: address.replace(str(url.port), str(proxy.own_port))}
