"""What browsers are told, who may read a cookie, how to connect, what to forget; and what is on record of them."""

import uuid
from collections.abc import Iterator
from typing import Any, Literal

import httpx2
import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from adapters.db import migrate
from gateway.headers import HTTPS_ONLY
from gateway.history_page import csrf
from runtime import wiring
from runtime.settings import Settings
from tests.integration.gateway.serving import NOWHERE, app_with

MANY = 100_000
SETTINGS: dict[str, Any] = {
    "public_requests_per_minute": MANY,
    "requests_per_minute": MANY,
    "token_secret": "of the tests" * 3,
}
HTTPS, HTTP = "https://shop.example", "http://127.0.0.1:6060"
SIGN_IN: dict[Literal["user", "staff"], str] = {"user": "/history/session", "staff": "/staff/session"}
OPENS = {"user": "/history/session", "staff": "/codec/decode"}
NAMES = {"user": "darkroom_history", "staff": "darkroom_staff"}
Who = Literal["user", "staff"]


@pytest.fixture(scope="module")
async def behind(postgres_url: str) -> dict[str, Any]:
    """Where sessions are kept; there is nothing else behind the gateway."""
    schema = f"browsers_{uuid.uuid4().hex[:8]}"
    await migrate.upgrade(postgres_url, schema)
    return {**NOWHERE, "database_url": postgres_url, "database_schema": schema}


@pytest.fixture(params=[HTTPS, HTTP], scope="module")
def opened(request: pytest.FixtureRequest, behind: dict[str, Any]) -> Iterator[TestClient]:
    """A browser at a gateway of this address."""
    app = app_with(**behind, **SETTINGS, gateway_url=request.param)
    with TestClient(app, base_url=request.param, follow_redirects=False) as client:
        yield client


@pytest.fixture
def browser(opened: TestClient) -> TestClient:
    """The same, signed out."""
    opened.cookies.clear()
    opened.headers["origin"] = str(opened.base_url).rstrip("/")
    return opened


def signed_in(browser: TestClient, who: Who) -> httpx2.Response:
    token = wiring.tokens(Settings(_env_file=None, **SETTINGS)).issue(uuid.uuid4(), "", 1, who)
    return browser.post(SIGN_IN[who], data={"token": token}, headers={"sec-fetch-mode": "navigate"})


@pytest.mark.parametrize("who", SIGN_IN)
def test_a_cookie_is_its_hosts_alone_and_no_scripts(browser: TestClient, who: Who) -> None:
    answer = signed_in(browser, who)
    assert answer.status_code == 303
    named, *attributes = answer.headers["set-cookie"].split("; ")
    is_https = str(browser.base_url).startswith("https:")
    assert named.partition("=")[0] == ("__Host-" if is_https else "") + NAMES[who]
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(attributes)
    assert ("Secure" in attributes) is is_https
    assert not [one for one in attributes if one.startswith("Domain")]


@pytest.mark.parametrize("who", SIGN_IN)
def test_the_cookie_opens_what_is_theirs(browser: TestClient, who: Who) -> None:
    def status() -> int:
        path = OPENS[who]
        return (browser.post(path, json={"payloads": []}) if who == "staff" else browser.get(path)).status_code

    browser.headers["origin"] = "http://127.0.0.1:8233" if who == "staff" else browser.headers["origin"]
    assert status() == 401
    browser.headers["origin"] = str(browser.base_url).rstrip("/")
    assert signed_in(browser, who).status_code == 303
    browser.headers["origin"] = "http://127.0.0.1:8233" if who == "staff" else browser.headers["origin"]
    assert status() in {200, 204}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nothing", "/docs", "/staff/session"])
def test_whoever_came_by_https_comes_by_it_for_a_year(browser: TestClient, path: str) -> None:
    is_https = str(browser.base_url).startswith("https:")
    told = browser.get(path).headers.get("strict-transport-security")
    assert told == (HTTPS_ONLY["Strict-Transport-Security"] if is_https else None)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/docs", "/history/", "/staff/session", "/d/x/y"])
def test_no_page_loads_objects_moves_its_base_or_is_framed(browser: TestClient, path: str) -> None:
    policy = browser.get(path, headers={"accept": "text/html"}).headers["content-security-policy"]
    directives = {name: said for name, _, said in (part.strip().partition(" ") for part in policy.split(";"))}
    for name in ("default-src", "base-uri", "frame-ancestors"):  # objects follow the default
        assert directives[name] == "'none'"
    assert directives.get("object-src", "'none'") == "'none'"
    assert directives["form-action"]


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG"])
@pytest.mark.parametrize("path", ["/healthz", "/api/orders", "/history/", "/d/x/y"])
def test_no_method_echoes_a_request(browser: TestClient, method: str, path: str) -> None:
    answer = browser.request(method, path, headers={"x-secret": "not to be repeated"})
    assert answer.status_code == 405
    assert "not to be repeated" not in answer.text


def test_a_session_that_is_ended_takes_the_cached_images_along(browser: TestClient) -> None:
    signed_in(browser, "user")
    page = csrf.token("of the tests", next(iter(browser.cookies.values())))
    answer = browser.post("/history/session/end", headers={"x-csrf-token": page})
    assert (answer.status_code, answer.headers["clear-site-data"]) == (303, '"cache"')
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert browser.get("/history/session").status_code == 401


@pytest.mark.parametrize("who", SIGN_IN)
def test_who_signed_in_and_who_was_refused_is_on_record(browser: TestClient, who: Who) -> None:
    with capture_logs() as lines:
        signed_in(browser, who)
        browser.post(SIGN_IN[who], data={"token": "guessed"})
        browser.post(SIGN_IN[who], data={"token": "guessed"}, headers={"origin": "https://evil.example"})
        browser.get("/api/orders/ORDER_20261122_7K3F9Q")
    found = [(line["status"], line["route"], line["client"]) for line in lines if line["event"] == "answered"]
    sign_in, order = SIGN_IN[who], "/api/orders/{order_id}"
    assert found == [(status, path, "testclient") for status, path in
                     ((303, sign_in), (401, sign_in), (403, sign_in), (401, order))]  # fmt: skip
    assert "guessed" not in str(lines)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nothing", "/docs", "/openapi.json", "/history/", "/d/x/y",
                                  "/metrics", "/staff/session", "/api/orders/x"])  # fmt: skip
def test_every_body_says_what_it_is_and_text_in_which_letters(browser: TestClient, path: str) -> None:
    kind, _, letters = browser.get(path).headers["content-type"].partition(";")
    assert kind in {"text/html", "text/plain", "application/json", "application/problem+json"}
    assert "charset=utf-8" in letters or kind.endswith("json")  # JSON is UTF-8 by itself
