"""The running simulators, and a server that answers whatever a test scripts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest

from tests.integration.simulators_fixtures import simulators

__all__ = ["simulators"]

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
Serve = Callable[[Answer | bytes], Coroutine[Any, Any, int]]


def reply(status: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def pouring(head: bytes, more: bytes, pause: float = 0) -> Answer:
    """An answer that begins like this, and goes on like that without an end."""

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head)
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(more)
                await writer.drain()
                await asyncio.sleep(pause)

    return pour


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server on a free port that answers each connection with these bytes, or as a function does."""
    async with AsyncExitStack() as stack:

        async def start(answer: Answer | bytes) -> int:
            async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                if isinstance(answer, bytes):
                    await read_request(reader)
                    writer.write(answer)
                else:
                    await answer(reader, writer)
                writer.close()

            server = await asyncio.start_server(handle, "127.0.0.1", 0)
            stack.callback(server.close)
            return int(server.sockets[0].getsockname()[1])

        yield start


async def read_request(reader: asyncio.StreamReader) -> str:
    """Read a request whole and return its head."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    for line in head.lower().splitlines():
        if line.startswith("content-length:"):
            await reader.readexactly(int(line.partition(":")[2]))
    return head
