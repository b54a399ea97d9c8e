"""Nobody makes us fetch from inside: the whole corpus, redirects, rebinding, proxies, and a trap on this machine."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, cycle
from pathlib import Path

import pytest

from adapters.web import MAX_ADDRESSES, PublicWeb, Resolve
from domain.vocabulary.errors import DarkroomError, OutsideUnavailable, PictureUnreachable
from tests.integration.adapters.conftest import Serve, read_request, reply
from tests.integration.adapters.mail.certificates import certificate
from tests.integration.adapters.trap import Trap, ear, resolve_here, resolve_to_loopback, trap
from tests.ssrf import CORPUS, LOOPBACK, aimed_at

__all__ = ["ear", "trap"]

PICTURE = b"the bytes of a picture"


def web(*ports: int, resolve: Resolve = resolve_here) -> PublicWeb:
    """A Web that may fetch from these ports of this machine only."""
    hosts = [f"127.0.0.1:{port}" for port in ports]
    return PublicWeb(max_bytes=10_000, timeout=timedelta(seconds=10), private_hosts=hosts, resolve=resolve)


def answering(*addresses: list[str]) -> tuple[Resolve, list[str]]:
    """A name server that says this first and that next, and the names it was asked for."""
    asked: list[str] = []
    answers: Iterator[list[str]] = chain(addresses, cycle(addresses[-1:]))

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    return resolve, asked


def redirect(status: str, location: str) -> bytes:
    """A redirect whose address may hold anything, line ends too."""
    head = f"HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    return head.encode("utf-8", "surrogatepass")


def test_the_corpus_has_more_than_two_hundred_spellings() -> None:
    assert len(set(CORPUS)) == len(CORPUS) > 450


@pytest.mark.parametrize("resolve", [resolve_here, resolve_to_loopback])
async def test_no_spelling_of_a_private_address_is_connected_to(trap: Trap, resolve: Resolve) -> None:
    fetcher = web(resolve=resolve)
    for url in aimed_at(trap.port):
        with pytest.raises(PictureUnreachable) as refused:
            await fetcher.fetch(url)
        assert len(str(refused.value)) < 400, "goes into the history of an order"
    assert await trap.stays_empty()


async def test_a_permitted_private_host_does_reach_the_trap(trap: Trap) -> None:
    assert (await web(trap.port).fetch(f"http://127.0.0.1:{trap.port}/")).data == b"secret"
    assert (trap.visitors, trap.begun) == (1, [("127.0.0.1", trap.port)])
    assert not await trap.stays_empty()


async def test_without_the_check_most_spellings_of_this_machine_reach_the_trap(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.web.is_public", lambda _address: True)
    fetched = await asyncio.gather(*map(web().fetch, aimed_at(trap.port, LOOPBACK)), return_exceptions=True)
    assert trap.visitors == sum(not isinstance(answer, BaseException) for answer in fetched) > 40


async def test_where_a_host_is_permitted_its_other_ports_and_names_are_not(trap: Trap, serve: Serve) -> None:
    port = await serve(reply("200 OK", PICTURE))
    for host in (f"127.0.0.1:{trap.port}", f"127.0.0.2:{port}", f"localhost:{port}", f"2130706433:{port}"):
        with pytest.raises(PictureUnreachable, match="not a public address"):
            await web(port).fetch(f"http://{host}/")
    assert await trap.stays_empty()


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308"])
async def test_no_redirect_leads_inside_however_it_is_spelled(trap: Trap, serve: Serve, status: str) -> None:
    locations = aimed_at(trap.port)

    async def send_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = (await read_request(reader)).split(" ")[1].removeprefix("/from/")
        writer.write(redirect(status, locations[int(number)]) if number.isdecimal() else reply("404 Missing"))

    port = await serve(send_on)
    fetcher = web(port, resolve=resolve_to_loopback)
    for number in range(len(locations)):
        with pytest.raises((PictureUnreachable, OutsideUnavailable)):  # the latter where it is no HTTP any more
            await fetcher.fetch(f"http://127.0.0.1:{port}/from/{number}")
    assert await trap.stays_empty(port, ("8.8.8.8", 80))  # the latter where a line end cuts the address off
    assert len(trap.begun) >= len(locations)


async def test_no_redirect_leads_inside_from_a_page_with_a_certificate(trap: Trap, tmp_path: Path) -> None:
    server_tls, client_tls = certificate(tmp_path, "pictures.example")
    resolve, _ = answering(["127.0.0.1"])
    locations = iter(aimed_at(trap.port, LOOPBACK))

    async def send_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(redirect("302", next(locations)))
        writer.close()

    async with await asyncio.start_server(send_on, "127.0.0.1", 0, ssl=server_tls) as server:
        port = server.sockets[0].getsockname()[1]
        hosts = [f"pictures.example:{port}"]
        fetcher = PublicWeb(max_bytes=10_000, private_hosts=hosts, resolve=resolve, tls=client_tls)
        for _ in LOOPBACK:
            with pytest.raises(PictureUnreachable):
                await fetcher.fetch(f"https://pictures.example:{port}/")
    assert await trap.stays_empty(port)
    assert next(locations, None) is None


async def test_what_only_browsers_follow_is_not_followed(trap: Trap, serve: Serve) -> None:
    inside = f"http://127.0.0.1:{trap.port}/"
    page = f'<meta http-equiv="refresh" content="0;url={inside}"><script>location="{inside}"</script>'.encode()
    also = {"refresh": f"0; url={inside}", "content_location": inside, "link": f"<{inside}>; rel=preload"}
    for status in ("200 OK", "201 Created", "300 Many", "304 Same", "305 Use Proxy", "503 Away"):
        port = await serve(reply(status, page if status[0] == "2" else b"", location=inside, **also))
        try:
            assert (await web(port).fetch(f"http://127.0.0.1:{port}/")).data == page
        except DarkroomError:
            assert not status.startswith("200")
    assert trap.visitors == 0


@pytest.mark.parametrize(
    "place", ["pictures.example:0", "pictures.example:-1", "pictures.example:65536", "%38.8.8.8", "a|b"]
)
async def test_a_redirect_to_a_host_or_port_that_cannot_be_is_refused(trap: Trap, serve: Serve, place: str) -> None:
    port = await serve(redirect("302", f"http://{place}/"))
    resolve, asked = answering(["127.0.0.1"], ["8.8.8.8"])
    with pytest.raises(PictureUnreachable, match="begins with"):
        await web(port, resolve=resolve).fetch(f"http://127.0.0.1:{port}/")
    assert asked == ["127.0.0.1"]
    assert await trap.stays_empty(port)


async def test_a_redirect_does_not_carry_a_user_along(trap: Trap, serve: Serve) -> None:
    port = await serve(reply("200 OK", PICTURE))
    first = await serve(redirect("302", f"http://user:word@127.0.0.1:{port}/"))
    with pytest.raises(PictureUnreachable, match="without a user"):
        await web(port, first).fetch(f"http://127.0.0.1:{first}/")
    assert await trap.stays_empty(first)


async def test_redirects_are_followed_five_times_and_no_more(serve: Serve) -> None:
    seen: list[str] = []

    async def further(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await read_request(reader)).split(" ")[1]
        seen.append(path)
        left = int(path.strip("/"))
        writer.write(redirect("302", f"/{left - 1}") if left else reply("200 OK", PICTURE))

    port = await serve(further)
    assert (await web(port).fetch(f"http://127.0.0.1:{port}/5")).data == PICTURE
    assert len(seen) == 6
    with pytest.raises(PictureUnreachable, match="5 redirects"):
        await web(port).fetch(f"http://127.0.0.1:{port}/6")


@pytest.mark.parametrize("location", ["/", "", "?again", "#here", "//127.0.0.1:{port}/"])
async def test_a_redirect_to_itself_ends(serve: Serve, location: str) -> None:
    async def around(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = (await read_request(reader)).lower().partition("host: 127.0.0.1:")[2].split("\r\n")[0]
        writer.write(redirect("302", location.format(port=host)))

    port = await serve(around)
    with pytest.raises(PictureUnreachable, match="5 redirects"):
        await web(port).fetch(f"http://127.0.0.1:{port}/")


async def test_the_name_is_looked_up_once_and_that_address_is_connected_to(trap: Trap) -> None:
    resolve, asked = answering(["8.8.8.8"], ["127.0.0.1"])
    url = f"http://pictures.example:{trap.port}/"
    with pytest.raises(DarkroomError, match="does not answer"):  # nothing leaves this machine
        await web(resolve=resolve).fetch(url)
    assert (asked, trap.begun) == (["pictures.example"], [("8.8.8.8", trap.port)])
    with pytest.raises(PictureUnreachable, match="not a public address"):
        await web(resolve=resolve).fetch(url)
    assert (asked, trap.begun) == (["pictures.example"] * 2, [("8.8.8.8", trap.port)])


async def test_the_host_is_told_its_own_name_and_not_its_address(trap: Trap, serve: Serve) -> None:
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_request(reader))
        writer.write(reply("200 OK", PICTURE))

    port = await serve(answer)
    resolve, asked = answering(["127.0.0.1"], ["127.0.0.2"])
    fetcher = PublicWeb(max_bytes=10_000, private_hosts=[f"pictures.example:{port}"], resolve=resolve)
    assert (await fetcher.fetch(f"http://pictures.example:{port}/")).data == PICTURE
    assert (asked, trap.begun) == (["pictures.example"], [("127.0.0.1", port)])
    assert f"host: pictures.example:{port}" in heads[0].lower()


async def test_a_name_that_turns_private_between_two_redirects_is_refused(trap: Trap, serve: Serve) -> None:
    port = await serve(redirect("302", f"http://pictures.example:{trap.port}/second"))
    resolve, asked = answering(["127.0.0.1"])
    fetcher = PublicWeb(max_bytes=10_000, private_hosts=[f"pictures.example:{port}"], resolve=resolve)
    with pytest.raises(PictureUnreachable, match="not a public address"):
        await fetcher.fetch(f"http://pictures.example:{port}/first")
    assert len(asked) == 2
    assert await trap.stays_empty(port)


@pytest.mark.parametrize("private", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
async def test_one_private_address_among_public_ones_spoils_a_name(trap: Trap, private: str) -> None:
    public = ["8.8.8.8", "2606:4700::1111", "1.1.1.1"]
    for place in range(len(public) + 1):
        resolve, _ = answering([*public[:place], private, *public[place:]])
        with pytest.raises(PictureUnreachable, match="not a public address"):
            await web(resolve=resolve).fetch(f"http://pictures.example:{trap.port}/")
    assert await trap.stays_empty()


async def test_a_host_that_answers_on_one_of_its_addresses_only_is_reached(trap: Trap, serve: Serve) -> None:
    port = await serve(reply("200 OK", PICTURE))
    resolve, _ = answering(["::1", "127.0.0.3", "127.0.0.1"])
    fetcher = PublicWeb(max_bytes=10_000, private_hosts=[f"pictures.example:{port}"], resolve=resolve)
    assert (await fetcher.fetch(f"http://pictures.example:{port}/")).data == PICTURE
    assert [host for host, _ in trap.begun] == ["::1", "127.0.0.3", "127.0.0.1"]


async def test_a_name_with_a_thousand_addresses_does_not_make_us_scan_them(trap: Trap) -> None:
    resolve, _ = answering([f"8.8.{number // 250}.{number % 250}" for number in range(1000)])
    with pytest.raises(DarkroomError, match="does not answer"):
        await web(resolve=resolve).fetch("http://pictures.example/")
    assert len(trap.begun) == MAX_ADDRESSES


async def test_no_connection_serves_a_second_request(trap: Trap, serve: Serve) -> None:
    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        picture = b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n" + PICTURE
        writer.write(picture + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged")  # for whoever comes next
        await reader.read()

    port = await serve(keep)
    first = await serve(redirect("302", f"http://127.0.0.1:{port}/"))
    fetcher = web(port, first)
    for start in (port, port, first):
        assert (await fetcher.fetch(f"http://127.0.0.1:{start}/")).data == PICTURE
    assert [port for _, port in trap.begun] == [port, port, first, port]


async def test_an_address_shared_with_a_permitted_name_is_not_permitted_itself(trap: Trap, serve: Serve) -> None:
    port = await serve(reply("200 OK", PICTURE))
    fetcher = PublicWeb(max_bytes=10_000, private_hosts=[f"pictures.example:{port}"], resolve=resolve_to_loopback)
    assert (await fetcher.fetch(f"http://pictures.example:{port}/")).data == PICTURE
    for host in ("other.example", "127.0.0.1", "pictures.example.", "pictures.example.example"):
        with pytest.raises(PictureUnreachable, match="not a public address"):
            await fetcher.fetch(f"http://{host}:{port}/")
    assert len(trap.begun) == 1


async def test_proxies_and_passwords_of_the_environment_are_not_used(
    trap: Trap, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_request(reader))
        writer.write(reply("200 OK", PICTURE))

    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password word\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    port = await serve(answer)
    assert (await web(port).fetch(f"http://127.0.0.1:{port}/")).data == PICTURE
    assert "authorization" not in heads[0].lower()
    assert await trap.stays_empty(port)
