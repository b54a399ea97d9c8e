"""Connections that ask nothing hold nobody up."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.busy import RequestLimit
from gateway.connections import HEADER_SECONDS, ConnectionTable
from runtime.paths import ROOT
from tests.integration.gateway.serving import NOWHERE
from tests.integration.simulators_fixtures import free_port

MANY = 1_200
HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "


@contextlib.asynccontextmanager
async def running(tmp_path: Path, **settings: Any) -> AsyncIterator[int]:
    """A gateway as a process of its own, with nothing behind it; return its port."""
    port = free_port()
    env = {name.upper(): str(value) for name, value in (NOWHERE | settings).items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", cwd=ROOT, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **env, "GATEWAY_PORT": str(port), "DARKROOM_DATA": str(tmp_path)},
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            while await is_served(port) is None:  # noqa: ASYNC110 - another process sets no event of ours
                await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def is_served(port: int) -> int | None:
    """The status of a quick question on a connection of its own."""
    try:
        async with httpx.AsyncClient(timeout=30) as client:
            return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code
    except httpx.TransportError:
        return None


@contextlib.contextmanager
def crowd(port: int, said: list[bytes], many: int = MANY) -> Iterator[list[socket.socket]]:
    """Connections that say something each, and then wait."""
    with contextlib.ExitStack() as stack:
        made = []
        for number in range(many):
            made.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)))
            if words := said[number % len(said)]:
                made[-1].sendall(words)
        yield made


def is_closed(connection: socket.socket, seconds: float) -> bool:
    connection.settimeout(seconds)
    try:
        return b"HTTP/1.1 2" not in connection.recv(100)
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


async def test_1200_connections_that_ask_nothing_keep_nobody_out_and_are_ended(tmp_path: Path) -> None:
    async with running(tmp_path) as port:
        with crowd(port, [b"", HALF_A_HEAD, b"\r\n", b"GET "]) as idle:
            assert [await is_served(port) for _ in range(20)] == [200] * 20
            closed = [await asyncio.to_thread(is_closed, one, HEADER_SECONDS + 10) for one in idle]
            assert all(closed)
            assert await is_served(port) == 200


async def test_a_head_that_trickles_in_after_an_answer_is_ended_too(tmp_path: Path) -> None:
    async with running(tmp_path) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await asyncio.to_thread(slow.recv, 4096)).startswith(b"HTTP/1.1 200")
            slow.sendall(HALF_A_HEAD)
            assert await asyncio.to_thread(is_closed, slow, HEADER_SECONDS + 10)


async def test_an_address_has_so_many_connections_and_the_proxies_any_number(tmp_path: Path) -> None:
    for proxies, most in (("10.0.0.0/8", 5), ("127.0.0.1", 15)):
        async with running(tmp_path, connections_per_address=5, trusted_proxies=proxies) as port:
            with crowd(port, [b""], 15) as idle:
                kept = idle
                async with asyncio.timeout(60):
                    while len(kept) > most:
                        kept = [one for one in kept if not await asyncio.to_thread(is_closed, one, 0.1)]
                assert len(kept) == most
                assert (await is_served(port) == 200) == (most > 5)
            async with asyncio.timeout(60):
                while await is_served(port) != 200:  # noqa: ASYNC110 - places are free again
                    await asyncio.sleep(0.1)


class _Waiting:
    """As much of a connection as a crowd sees."""

    def __init__(self, address: str) -> None:
        self.client = (address, 1)
        self.is_gone = False

    def hang_up(self) -> None:
        self.is_gone = True


def test_a_crowd_hangs_up_on_who_has_waited_longest_without_a_question() -> None:
    crowd = ConnectionTable(per_address=100, proxies="", most=3)
    first, asking, third, newcomer = members = [_Waiting(f"10.0.0.{number}") for number in range(4)]
    for one in members:
        assert crowd.enter(one)  # type: ignore[arg-type] # a fake
        crowd.wait(one, is_idle=one is not asking)  # type: ignore[arg-type]
    assert [one.is_gone for one in (first, asking, third, newcomer)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("10.0.0.1", "10.0.0.1", True), ("10.0.0.1", "10.0.0.2", False), ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db9::1", False), ("no address", "no address", True),
    ],
)  # fmt: skip
def test_an_address_is_counted_as_who_has_it(one: str, other: str, is_same: bool) -> None:
    crowd = ConnectionTable(per_address=1, proxies="192.0.2.0/24, unknown")
    first, second = _Waiting(one), _Waiting(other)
    assert crowd.enter(first)  # type: ignore[arg-type]
    assert crowd.enter(second) is not is_same  # type: ignore[arg-type]
    crowd.leave(first)  # type: ignore[arg-type]
    assert crowd.enter(_Waiting(one))  # type: ignore[arg-type]


async def test_too_many_requests_at_once_are_told_when_to_come_again() -> None:
    going = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await going.wait()

    busy = RequestLimit(slow, most=2)
    waiting = [asyncio.create_task(busy({"type": "http", "path": "/api"}, _nothing, _ignore)) for _ in range(2)]
    await asyncio.sleep(0)
    said: list[Any] = []

    async def note(message: Any) -> None:
        said.append(message)

    await busy({"type": "http", "path": "/api"}, _nothing, note)
    assert said[0]["status"] == 503
    assert (b"retry-after", b"5") in said[0]["headers"]
    going.set()
    await asyncio.gather(*waiting)
    await busy({"type": "http", "path": "/api"}, _nothing, _ignore)


async def _nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ignore(_: Any) -> None:
    return None
