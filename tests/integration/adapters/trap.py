"""A trap: sockets all over this machine that nobody may reach, and an ear at each connection that is begun."""

import asyncio
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

import pytest

from adapters.web import system_resolve
from domain.vocabulary.errors import PictureUnreachable

# Linux answers on all of 127.0.0.0/8; 0.0.0.0 and :: lead to the first of their kind.
HOSTS = ["127.0.0.1", "127.0.0.2", "127.127.127.127", "127.255.255.254", "::1"]
Address = tuple[str, int]


class Trap:
    """Counts who came in, and notes where this thread wanted to go."""

    def __init__(self) -> None:
        self.port = 0
        self.visitors = 0
        self.begun: list[Address] = []
        self._thread = threading.get_ident()

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer a visitor, so that none waits for long."""
        self.visitors += 1
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret")
        writer.close()

    def overhear(self, address: Any) -> None:
        """Note a connection before it is made, and let none leave this machine."""
        if threading.get_ident() != self._thread:
            return
        self.begun.append(address[:2])
        ip = ip_address(address[0].partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if not (ip.is_loopback or ip.is_unspecified):
            raise ConnectionRefusedError("tests do not leave this machine")

    async def stays_empty(self, *but_for: int | Address) -> bool:
        """Whether nobody came, nor set out for anywhere but these addresses or ports of 127.0.0.1."""
        for _ in range(10):  # who is at the door is let in first
            await asyncio.sleep(0)
        permitted = {("127.0.0.1", place) if isinstance(place, int) else place for place in but_for}
        return self.visitors == 0 and permitted.issuperset(self.begun)


_traps: list[Trap] = []


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        for trap in _traps:
            trap.overhear(arguments[1])


@asynccontextmanager
async def _set() -> AsyncIterator[Trap]:
    trap = Trap()
    first = socket.create_server(("127.0.0.1", 0))
    trap.port = first.getsockname()[1]
    others = [socket.create_server((host, trap.port), family=_family(host)) for host in HOSTS[1:]]
    servers = [await asyncio.start_server(trap.welcome, sock=sock, backlog=1000) for sock in (first, *others)]
    _traps.append(trap)
    try:
        yield trap
    finally:
        _traps.remove(trap)
        for server in servers:
            server.close()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@pytest.fixture(scope="session", autouse=True)
def ear() -> None:
    """An audit hook stays for as long as the process does: there must be one only."""
    sys.addaudithook(_listen)


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    """A trap on a port of its own."""
    async with _set() as trap:
        yield trap


async def resolve_here(host: str, port: int) -> list[str]:
    """Resolve as the system does, by the numbers that the C library reads and `localhost`, without asking DNS."""
    try:
        socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        if host.lower() != "localhost":
            raise PictureUnreachable(f"There is no host {host!r}") from None
    return await system_resolve(host, port)


async def resolve_to_loopback(host: str, port: int) -> list[str]:
    """Resolve every name to this machine, as nip.io does with some, and a customer's own name server with any."""
    try:
        return await resolve_here(host, port)
    except PictureUnreachable:
        return ["127.0.0.1"]
