"""Files from outside are scanned by a daemon that speaks clamd's protocol, before anything here opens them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.clamav import PIECE, ClamAv
from adapters.imaging.children import Children
from adapters.imaging.studio import Studio
from domain.ports import HANDED_IN, EncodedImage, HandedIn
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable, PictureUnreadable
from runtime import wiring
from runtime.paths import ROOT
from runtime.settings import Settings

MARK, LARGEST = b"marked as malware by the test", 3 * PIECE
PHOTO = (ROOT / "demo" / "photos" / "chelsea.png").read_bytes()
INFECTED = EncodedImage(PHOTO + MARK, "image/png")  # a picture that opens, with something behind it
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Daemon:
    """What clamd 1.4 answers to INSTREAM, with one signature and a small StreamMaxLength."""

    def __init__(self) -> None:
        self.scanned: list[int] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        data = bytearray()
        while size := int.from_bytes(await reader.readexactly(4)):
            data += await reader.readexactly(size)
            if len(data) > LARGEST:
                writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                writer.close()
                return
        self.scanned.append(len(data))
        writer.write(b"stream: Test.Signature FOUND\0" if MARK in data else b"stream: OK\0")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[str]:
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def daemon() -> AsyncIterator[tuple[Daemon, str]]:
    daemon = Daemon()
    async with listening(daemon.serve) as address:
        yield daemon, address


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, LARGEST])
async def test_every_byte_is_scanned(daemon: tuple[Daemon, str], tmp_path: Path, size: int) -> None:
    data, scanner = b"x" * size, ClamAv(daemon[1])
    (tmp_path / "file").write_bytes(data)
    await scanner.scan(data)
    await scanner.scan_file(tmp_path / "file")
    assert daemon[0].scanned == [size, size]


@pytest.mark.parametrize("at", [0, PIECE - 5, PIECE * 2])
async def test_malware_is_found_wherever_it_lies(daemon: tuple[Daemon, str], tmp_path: Path, at: int) -> None:
    data, scanner = b"x" * at + MARK, ClamAv(daemon[1])
    (tmp_path / "file").write_bytes(data)
    for scanning in (scanner.scan(data), scanner.scan_file(tmp_path / "file")):
        with pytest.raises(PictureUnreadable) as refused:
            await scanning
        assert "malware" in TEXTS["en"].say(refused.value.told)


async def test_a_file_that_was_not_scanned_is_not_taken_for_clean(daemon: tuple[Daemon, str]) -> None:
    with pytest.raises((OutsideRefused, OutsideUnavailable), match=r"StreamMaxLength|large file"):
        await ClamAv(daemon[1]).scan(b"x" * (LARGEST + 1))


async def _closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _says_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"UNKNOWN COMMAND\0")
    writer.close()


@pytest.mark.parametrize("serve", [_closes, _waits, _says_nonsense])
async def test_without_a_verdict_nobody_says_that_it_is_clean(serve: Serve) -> None:
    async with listening(serve) as address:
        with pytest.raises((OutsideUnavailable, OutsideRefused)):
            await ClamAv(address, seconds=0.3).scan(b"x")


async def test_without_a_daemon_nobody_says_that_it_is_clean() -> None:
    async with listening(_closes) as address:
        pass
    with pytest.raises(OutsideUnavailable, match="malware scanner"):
        await ClamAv(address).scan(b"x")


async def test_each_way_in_is_scanned_and_what_is_ours_is_not(daemon: tuple[Daemon, str], tmp_path: Path) -> None:
    settings = Settings(_env_file=None, clamd_address=daemon[1], imaging_processes=1)
    studio = wiring.studio(settings, wiring.children(settings))
    (tmp_path / HANDED_IN).write_bytes(INFECTED.data)
    file = tmp_path / HANDED_IN
    for opening in (
        studio.inspect(INFECTED),
        studio.inspect_file(file),
        studio.keep_file(file, tmp_path / "copy", tmp_path / "thumbnail"),
        studio.accept(tmp_path, HandedIn(), None),
    ):
        with pytest.raises(PictureUnreadable) as refused:
            await opening
        assert refused.value.reason == "malware"
    assert len(daemon[0].scanned) == 4
    assert (await studio.inspect(EncodedImage(PHOTO, "image/png"), ours=True)).width == 451
    assert len(daemon[0].scanned) == 4
    assert (await studio.inspect(EncodedImage(PHOTO, "image/png"))).width == 451


async def test_without_a_setting_nothing_is_scanned() -> None:
    assert (await Studio(Children(processes=1)).inspect(INFECTED)).width == 451
