"""A TCP proxy between two parts, whose connections a test cuts, resets, stalls or slows down."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PIECE = 16 * 1024  # bytes
Pair = tuple[asyncio.StreamWriter, asyncio.StreamWriter]
RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: closing sends RST


@dataclass
class Proxy:
    """Passes bytes on between clients and a server, unless told otherwise."""

    host: str
    port: int
    own_port: int = 0
    faults: int = 0  # how often a fault has met a connection
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _answers: asyncio.Event = field(default_factory=asyncio.Event)
    _pause: float = 0.0  # seconds before each piece
    _refuses: bool = False
    _resets_request: bool = False  # the next one
    _answer_bytes: int | None = None  # after which the next answer is reset
    _pairs: set[Pair] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.own_port}"

    def reset_a_request(self) -> None:
        """Reset a connection at its next request, which does not arrive."""
        self._resets_request = True

    def cut(self) -> None:
        """Reset all connections, and every new one until `mend`."""
        self._refuses = True
        for pair in [*self._pairs]:
            self._meet(pair)

    def stall(self) -> None:
        """Pass nothing on, in either direction, until `mend`; connections stay open."""
        self._open.clear()

    def pass_requests_only(self) -> None:
        """Pass no answers on until `mend`: what is asked for is done, and nobody hears of it."""
        self._answers.clear()

    def slow_down(self, pause: float) -> None:
        """Pass each piece on after a pause, in seconds, until `mend`."""
        self._pause = pause

    def reset_an_answer(self, after: int) -> None:
        """Reset one connection when so many bytes of answers have come from now on: the request has arrived."""
        self._answer_bytes = after

    def mend(self) -> None:
        """Pass everything on again."""
        self._refuses = self._resets_request = False
        self._answer_bytes, self._pause = None, 0.0
        self._open.set()
        self._answers.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        if self._refuses:
            self.faults += 1
            _reset(writer)
            return
        try:
            back, forth = await asyncio.open_connection(self.host, self.port)
        except OSError:
            _reset(writer)
            return
        pair = (writer, forth)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pass_on(reader, forth, pair), self._pass_on(back, writer, pair, answers=True))
        finally:
            self._pairs.discard(pair)
            for one in pair:
                one.close()

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: Pair, *, answers: bool = False
    ) -> None:
        with suppress(OSError):
            while piece := await source.read(PIECE):
                await self._delay(answers=answers)
                if self._is_reset_at(len(piece), answers=answers):
                    self._meet(pair)
                    return
                sink.write(piece)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()

    async def _delay(self, *, answers: bool) -> None:
        gates = [self._open, self._answers] if answers else [self._open]
        if self._pause or not all(gate.is_set() for gate in gates):
            self.faults += 1
        await asyncio.sleep(self._pause)
        for gate in gates:
            await gate.wait()

    def _is_reset_at(self, size: int, *, answers: bool) -> bool:
        if not answers:
            is_reset, self._resets_request = self._resets_request, False
            return is_reset
        if self._answer_bytes is None:
            return False
        self._answer_bytes -= size
        if self._answer_bytes >= 0:
            return False
        self._answer_bytes = None
        return True

    def _meet(self, pair: Pair) -> None:
        self.faults += 1
        for writer in pair:
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


@asynccontextmanager
async def running(host: str, port: int) -> AsyncIterator[Proxy]:
    """Run a proxy of a server on a free port."""
    proxy = Proxy(host, port)
    proxy.mend()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.own_port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut()
