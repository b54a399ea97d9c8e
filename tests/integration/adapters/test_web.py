"""Fetching customers' pictures over real sockets."""

import asyncio
import gzip
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.web import PublicWeb
from domain.errors import OutsideUnavailable, PictureUnreachable
from tests.integration.adapters.certificates import certificate
from tests.integration.adapters.conftest import Serve, read_request, reply
from tests.integration.simulators_fixtures import free_port

PICTURE = b"the bytes of a picture"


def web(*ports: int, tls: ssl.SSLContext | None = None) -> PublicWeb:
    """A Web that may fetch from these ports of this machine only."""
    hosts = [f"127.0.0.1:{port}" for port in ports]
    return PublicWeb(max_bytes=10_000, timeout=timedelta(seconds=2), private_hosts=hosts, tls=tls)


async def test_a_picture_is_fetched(serve: Serve) -> None:
    port = await serve(reply("200 OK", PICTURE, content_type="image/webp"))
    fetched = await web(port).fetch(f"http://127.0.0.1:{port}/photo.webp?size=big")
    assert (fetched.data, fetched.content_type) == (PICTURE, "image/webp")


async def test_this_machine_is_refused_where_it_is_not_allowed(serve: Serve) -> None:
    connected = asyncio.Event()

    async def note(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        connected.set()

    port = await serve(note)
    for host in ("127.0.0.1", "localhost", "2130706433", "0", "[::ffff:127.0.0.1]"):
        with pytest.raises(PictureUnreachable, match="not a public address"):
            await web(free_port()).fetch(f"http://{host}:{port}/")
    assert not connected.is_set()


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/"]
)
async def test_a_redirect_to_a_private_address_is_refused(serve: Serve, location: str) -> None:
    port = await serve(reply("302 Found", location=location))
    with pytest.raises(PictureUnreachable, match="not a public address"):
        await web(port).fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_x"])
async def test_a_redirect_to_another_scheme_is_refused(serve: Serve, location: str) -> None:
    port = await serve(reply("302 Found", location=location))
    with pytest.raises(PictureUnreachable):
        await web(port).fetch(f"http://127.0.0.1:{port}/")


async def test_redirects_are_followed_five_times_and_no_more(serve: Serve) -> None:
    seen: list[str] = []

    async def further(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await read_request(reader)).split(" ")[1]
        seen.append(path)
        left = int(path.strip("/"))
        writer.write(reply("302 Found", location=f"/{left - 1}") if left else reply("200 OK", PICTURE))

    port = await serve(further)
    assert (await web(port).fetch(f"http://127.0.0.1:{port}/5")).data == PICTURE
    assert len(seen) == 6
    with pytest.raises(PictureUnreachable, match="5 redirects"):
        await web(port).fetch(f"http://127.0.0.1:{port}/6")


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


async def test_a_slow_drip_ends_in_time(serve: Serve) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.05)

    port = await serve(drip)
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


async def test_the_name_is_looked_up_once_and_that_address_is_connected_to(serve: Serve) -> None:
    looked_up: list[str] = []
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_request(reader))
        writer.write(reply("200 OK", PICTURE))

    async def resolve(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    port = await serve(answer)
    allowed = [f"pictures.example:{port}"]
    fetcher = PublicWeb(max_bytes=10_000, private_hosts=allowed, resolve=resolve)
    assert (await fetcher.fetch(f"http://pictures.example:{port}/")).data == PICTURE
    assert looked_up == ["pictures.example"]
    assert f"host: pictures.example:{port}" in heads[0].lower()


async def test_a_name_that_turns_private_between_two_redirects_is_refused(serve: Serve) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(_host: str, _port: int) -> list[str]:
        return next(answers)

    port = await serve(reply("302 Found", location="http://pictures.example/second"))
    fetcher = PublicWeb(max_bytes=10_000, private_hosts=[f"pictures.example:{port}"], resolve=rebinding)
    with pytest.raises(PictureUnreachable, match="not a public address"):
        await fetcher.fetch(f"http://pictures.example:{port}/first")


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
