"""Where a request ends, and where it comes from, is never in doubt, whatever stands in front of the gateway."""

import socket
from pathlib import Path

from tests.integration.gateway.test_connections import running

TOP = "POST /api/orders HTTP/1.1\nhost: x\n"
HIDDEN = "GET /healthz HTTP/1.1\nhost: x\nconnection: close\n\n"
AMBIGUOUS = {
    "two lengths": f"{TOP}content-length: 0\ncontent-length: {len(HIDDEN)}\n\n",
    "a list of lengths": f"{TOP}content-length: 0, {len(HIDDEN)}\n\n",
    "a length with a sign": f"{TOP}content-length: +0\n\n",
    "a length in hexadecimal": f"{TOP}content-length: 0x0\n\n",
    "an unknown coding": f"{TOP}transfer-encoding: xchunked\n\n0\n\n",
    "a coding before chunked": f"{TOP}transfer-encoding: gzip, chunked\n\n0\n\n",
    "two codings": f"{TOP}transfer-encoding: chunked\ntransfer-encoding: identity\n\n0\n\n",
    "a space before the colon": f"{TOP}transfer-encoding : chunked\n\n0\n\n",
    "a carriage return in a value": f"{TOP}x: y\rcontent-length: 9\n\n",
    "a chunk of size 0x0": f"{TOP}transfer-encoding: chunked\n\n0x0\n\n",
    "no host": "POST /api/orders HTTP/1.1\n\n",
    "two hosts": f"{TOP}host: y\n\n",
}


def answers(port: int, request: str) -> list[int]:
    """The statuses of all answers until the gateway hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall((request + HIDDEN).replace("\n", "\r\n").encode())
        told = b""
        while some := connection.recv(65536):
            told += some
    return [int(part[:3]) for part in told.split(b"HTTP/1.1 ")[1:]]


async def test_what_may_end_in_two_places_is_refused_and_nothing_behind_it_is_read(tmp_path: Path) -> None:
    async with running(tmp_path) as port:
        told = {name: answers(port, request) for name, request in AMBIGUOUS.items()}
    assert told == {name: [400] for name in AMBIGUOUS}


async def test_where_the_body_comes_in_chunks_a_length_means_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as port:
        both = f"{TOP}content-length: {len(HIDDEN) + 5}\ntransfer-encoding: chunked\n\n0\n\n"
        assert answers(port, both) == [401, 200]


async def test_no_header_of_a_stranger_changes_their_address(tmp_path: Path) -> None:
    async with running(tmp_path, trusted_proxies="192.0.2.1", public_requests_per_minute=3) as port:
        names = ("x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip")
        asked = [f"GET /d/x/y HTTP/1.1\nhost: x\n{names[n % 4]}: 198.51.100.{n}\n\n" for n in range(8)]
        assert answers(port, "".join(asked)) == [404] * 3 + [429] * 5 + [200]
