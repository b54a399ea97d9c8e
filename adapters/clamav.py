"""Asks a ClamAV daemon (clamd) whether a file is malware, before anything here opens it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable, PictureUnreadable, away, refuses

PIECE = 256 * 1024  # bytes
SECONDS = 60.0  # for a whole file: the daemon queues what is sent while it is busy
LONGEST_ANSWER = 1000  # bytes
CLEAN, FOUND = "OK", "FOUND"


class ClamAv:
    """A daemon that scans streams. It sees the bytes of a file, not its name."""

    def __init__(self, address: str, seconds: float = SECONDS) -> None:
        """Take the daemon's host and port, and how long it may take for a file."""
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._seconds = seconds

    async def scan(self, data: bytes) -> None:
        """Raise PictureUnreadable if the bytes are malware; OutsideUnavailable, OutsideRefused if nobody can say."""
        await self._told(_pieces_of(data))

    async def scan_file(self, path: Path) -> None:
        """Scan a file on disk. Raises as `scan` does."""
        await self._told(_pieces_in(path))

    async def _told(self, pieces: AsyncIterator[bytes]) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._asked(pieces)
        except (OSError, TimeoutError) as error:
            at = f"{self._host}:{self._port}"
            message = f"the malware scanner at {at} does not answer, or takes no such large file: {error!r}"
            raise OutsideUnavailable(message, why=away("scanner")) from error
        verdict = answer.rpartition(" ")[2]
        if verdict == FOUND:
            raise PictureUnreadable(f"malware: {answer}", "malware")
        if verdict != CLEAN:  # such as `INSTREAM size limit exceeded. ERROR`
            message = f"the malware scanner did not scan a file: {answer} (see StreamMaxLength in clamd.conf)"
            raise OutsideRefused(message, why=refuses("scanner", answer))

    async def _asked(self, pieces: AsyncIterator[bytes]) -> str:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        answering = asyncio.create_task(reader.read(LONGEST_ANSWER))
        try:
            with suppress(ConnectionError):  # it answers and closes as soon as it knows enough
                writer.write(b"zINSTREAM\0")
                async for piece in pieces:
                    if answering.done():
                        break
                    writer.write(len(piece).to_bytes(4) + piece)
                    await writer.drain()
                writer.write(bytes(4))
                await writer.drain()
            if not (answer := await answering):
                raise ConnectionResetError("it closed the connection")
            return answer.partition(b"\0")[0].decode(errors="replace").strip()
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            writer.close()


async def _pieces_of(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


async def _pieces_in(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
