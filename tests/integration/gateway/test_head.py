"""HEAD wherever GET is, and redirects that lead to no other host."""

import re
import socket

import httpx
import pytest

from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import NOWHERE, app_with
from tests.integration.gateway.test_orders import started

GETS = sorted(path for path, methods in app_with(**NOWHERE).openapi()["paths"].items() if "get" in methods)
MORE = ["/docs", "/docs/nothing.js", "/openapi.json", "/metrics", "/nothing", "/history/", "/history/live?after=0"]


def sent(gate: Gate, lines: str) -> bytes:
    """What a gateway answers to the letter, until it hangs up."""
    url = httpx.URL(gate.url)
    with socket.create_connection((url.host, url.port or 80), timeout=20) as connection:
        connection.sendall(lines.replace("\n", "\r\n").encode())
        answer = b""
        while some := connection.recv(65536):
            answer += some
    return answer


def path_for(template: str, order_id: str) -> str:
    names = {
        "order_id": order_id, "customer_id": "wang", "dispatch": "TRANSFER_20200101_222222",
        "find_id": "FIND_20200101_222222", "token": "x", "filename": "1.png",
        "task_id": "0190f0a4-7c1e-7c3a-9a52-3f6d1c0b8e21",
    }  # fmt: skip
    return template.format(**names)


@pytest.mark.parametrize("template", [*GETS, *MORE])
async def test_head_is_get_without_a_body(gate: Gate, template: str) -> None:
    order_id = await started(gate)
    path = path_for(template, order_id)
    key = gate.bot.headers["authorization"]
    head = sent(
        gate, f"HEAD {path} HTTP/1.1\nhost: x\nauthorization: {key}\naccept-encoding: gzip\nconnection: close\n\n"
    )
    top, _, body = head.partition(b"\r\n\r\n")
    assert body == b""
    async with gate.bot.stream("GET", path, headers={"accept-encoding": "gzip"}) as get:
        assert int(top.split()[1]) == get.status_code != 405
        names = {line.partition(b":")[0].decode().lower() for line in top.split(b"\r\n")[1:]}
        assert names - {"connection"} == set(get.headers)
    if "content-length" in names and template != "/metrics":
        assert re.search(rb"content-length: (\d+)", top)[1].decode() == get.headers["content-length"]  # type: ignore[index]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:81", "x\nX-Forwarded-Host: evil.example"])
@pytest.mark.parametrize(
    ("path", "leads_to"),
    [("/docs/", "/docs"), ("/healthz/?a=1", "/healthz?a=1"), ("/api/customers/%E7%8E%8B/orders/", None)],
)
async def test_a_slash_too_many_leads_to_our_own_path_whatever_the_host_header_says(
    gate: Gate, host: str, path: str, leads_to: str | None
) -> None:
    answer = sent(gate, f"GET {path} HTTP/1.1\nhost: {host}\nconnection: close\n\n")
    location = re.search(rb"location: (\S+)", answer)[1].decode()  # type: ignore[index]
    assert location == (leads_to or path.rstrip("/"))


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/healthz/", "/\\evil.example/", "/%2f/evil.example/"]
)
async def test_no_path_leads_to_another_host(gate: Gate, path: str) -> None:
    answer = sent(gate, f"GET {path} HTTP/1.1\nhost: evil.example\nconnection: close\n\n")
    assert b"location" not in answer.lower() or re.search(rb"location: /[^/\\]", answer)
