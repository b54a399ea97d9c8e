"""Fetching customers' pictures over real sockets."""

import asyncio
import gzip
import ssl
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.web import PublicWeb
from domain.vocabulary.errors import OutsideUnavailable, PictureUnreachable
from tests.integration.adapters.conftest import Serve, pouring, read_request, reply
from tests.integration.adapters.mail.certificates import certificate
from tests.integration.simulators_fixtures import free_port

PICTURE = b"the bytes of a picture"
NO_TLS = ssl.create_default_context()


def web(*ports: int, tls: ssl.SSLContext | None = None) -> PublicWeb:
    """A Web that may fetch from these ports of this machine only."""
    hosts = [f"127.0.0.1:{port}" for port in ports]
    return PublicWeb(max_bytes=10_000, timeout=timedelta(seconds=2), private_hosts=hosts, tls=tls)


async def test_a_picture_is_fetched(serve: Serve) -> None:
    port = await serve(reply("200 OK", PICTURE, content_type="image/webp"))
    fetched = await web(port).fetch(f"http://127.0.0.1:{port}/photo.webp?size=big")
    assert (fetched.data, fetched.content_type) == (PICTURE, "image/webp")


async def test_a_finished_file_goes_to_disk_and_may_be_larger_than_a_picture(serve: Serve, tmp_path: Path) -> None:
    port = await serve(reply("200 OK", 3 * PICTURE))
    address, path = f"http://127.0.0.1:{port}/layers.psd", tmp_path / "file"
    hosts = [f"127.0.0.1:{port}"]
    await PublicWeb(max_bytes=30, private_hosts=hosts, most_finished=100).save(address, path)
    assert path.read_bytes() == 3 * PICTURE
    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=30, private_hosts=hosts, most_finished=60).save(address, path)
    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=30, private_hosts=hosts).fetch(address)


async def test_the_body_of_a_redirect_is_not_read(serve: Serve) -> None:
    target = await serve(reply("200 OK", PICTURE))

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(f"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{target}/\r\n\r\n".encode())
        await reader.read()  # says nothing more until the client goes

    port = await serve(endless)
    assert (await web(port, target).fetch(f"http://127.0.0.1:{port}/")).data == PICTURE


async def test_more_bytes_than_the_cap_are_refused_whether_announced_or_not(serve: Serve) -> None:
    announced = await serve(reply("200 OK", b"x" * 10_001))
    endless = await serve(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * 50_000)
    for port in (announced, endless):
        with pytest.raises(PictureUnreachable, match="larger than 10000 bytes"):
            await web(port).fetch(f"http://127.0.0.1:{port}/")


async def test_nothing_is_unpacked_so_that_no_bomb_goes_off(serve: Serve) -> None:
    packed = gzip.compress(b"\0" * 1_000_000)
    port = await serve(reply("200 OK", packed, content_encoding="gzip"))
    assert (await web(port).fetch(f"http://127.0.0.1:{port}/")).data == packed


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "more", "pause"),
    [
        pytest.param(OK + b"content-length: 9000\r\n\r\n", b"x", 0.1, id="a slow drip of the picture"),
        pytest.param(OK, b"a: b\r\n", 0.1, id="a slow drip of headers"),
        pytest.param(OK, b"a: b\r\n" * 10_000, 0, id="headers without end"),
        pytest.param(OK + b"a: ", b"b" * 50_000, 0, id="a header without end"),
        pytest.param(b"", b"x" * 50_000, 0, id="a status without end"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500, 0, id="100 Continue without end"),
        pytest.param(b"", b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\n" * 500, 0, id="103 Early Hints without end"),
        pytest.param(CHUNKED + b"1;", b"b" * 50_000, 0, id="an extension of a chunk without end"),
        pytest.param(CHUNKED + b"0\r\n", b"a: b\r\n" * 10_000, 0, id="trailers without end"),
        pytest.param(CHUNKED + b"f" * 18 + b"\r\n", b"", 0.1, id="a chunk of 2**72 bytes that never come"),
        pytest.param(OK + b"content-length: 1" + b"0" * 18 + b"\r\n\r\n", b"", 0.1, id="10**18 bytes that never come"),
    ],
)
async def test_what_never_ends_is_ended_in_little_memory(serve: Serve, head: bytes, more: bytes, pause: float) -> None:
    port = await serve(pouring(head, more, pause))
    fetcher = PublicWeb(
        max_bytes=100_000_000, timeout=timedelta(seconds=0.5), private_hosts=[f"127.0.0.1:{port}"], tls=NO_TLS
    )
    tracemalloc.start()
    try:
        with pytest.raises(OutsideUnavailable) as ended:
            await fetcher.fetch(f"http://127.0.0.1:{port}/")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert len(str(ended.value)) < 300, "goes into the history of an order"


@pytest.mark.parametrize("head", [OK + b"\r\n", OK + b"content-length: 1000000000000\r\n\r\n", CHUNKED])
async def test_a_picture_without_end_is_cut_at_the_cap(serve: Serve, head: bytes) -> None:
    more = b"1000\r\n" + b"x" * 4096 + b"\r\n" if head == CHUNKED else b"x" * 4096
    port = await serve(pouring(head, more))
    tracemalloc.start()
    try:
        with pytest.raises(PictureUnreachable, match="larger than 10000 bytes"):
            await web(port).fetch(f"http://127.0.0.1:{port}/")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


async def test_a_picture_in_thousands_of_chunks_lets_others_work_meanwhile(serve: Serve) -> None:
    port = await serve(CHUNKED + b"1\r\nx\r\n" * 9_000 + b"0\r\n\r\n")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    working = asyncio.create_task(others())
    assert len((await web(port).fetch(f"http://127.0.0.1:{port}/")).data) == 9_000
    working.cancel()
    assert turns >= 9_000


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 100",
        b"content-length: -5",
        b"content-length: five",
        b"content-length: " + b"9" * 5_000,
        b"content-length: 22\r\ncontent-length: 5",
        b"transfer-encoding: gzip, chunked",
        b"transfer-encoding: chunked",
    ],
)
async def test_a_picture_that_is_not_as_long_as_announced_is_no_picture(serve: Serve, head: bytes) -> None:
    port = await serve(OK + head + b"\r\n\r\n" + PICTURE)
    with pytest.raises(OutsideUnavailable):
        await web(port).fetch(f"http://127.0.0.1:{port}/")


async def test_bytes_behind_the_announced_ones_are_no_part_of_the_picture(serve: Serve) -> None:
    port = await serve(OK + b"content-length: 22\r\n\r\n" + PICTURE + b"more")
    assert (await web(port).fetch(f"http://127.0.0.1:{port}/")).data == PICTURE


async def test_a_change_of_protocol_is_not_gone_along_with(serve: Serve) -> None:
    port = await serve(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n" + PICTURE)
    with pytest.raises(OutsideUnavailable):
        await web(port).fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone", "204 No Content", "304 Not Modified"])
async def test_an_answer_that_stays_is_unreachable(serve: Serve, status: str) -> None:
    port = await serve(reply(status))
    with pytest.raises(PictureUnreachable):
        await web(port).fetch(f"http://127.0.0.1:{port}/")


async def test_an_answer_that_may_change_is_tried_again(serve: Serve) -> None:
    for answer in (reply("503 Away"), reply("429 Many"), b"", b"no http at all\r\n\r\n"):
        port = await serve(answer)
        with pytest.raises(OutsideUnavailable):
            await web(port).fetch(f"http://127.0.0.1:{port}/")
    gone = free_port()
    with pytest.raises(OutsideUnavailable):
        await web(gone).fetch(f"http://127.0.0.1:{gone}/")


async def test_the_certificate_is_checked_against_the_name_not_the_address(tmp_path: Path) -> None:
    server_tls, client_tls = certificate(tmp_path, "pictures.example")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(reply("200 OK", PICTURE))
        writer.close()

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_tls) as server:
        port = server.sockets[0].getsockname()[1]
        hosts = [f"{name}.example:{port}" for name in ("pictures", "other")]
        fetcher = PublicWeb(max_bytes=10_000, private_hosts=hosts, resolve=resolve, tls=client_tls)
        assert (await fetcher.fetch(f"https://pictures.example:{port}/")).data == PICTURE
        with pytest.raises(OutsideUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await fetcher.fetch(f"https://other.example:{port}/")
