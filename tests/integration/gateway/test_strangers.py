"""Every route, as strangers try it: without a sign-in, with forged tokens, from another site, by other methods."""

import random
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Literal

import httpx
import pytest
from starlette.routing import compile_path

from gateway.app import create_app
from runtime import wiring
from runtime.settings import Settings
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import signed_in
from tests.unit.adapters.identity.forging import MUTATIONS, Issuer

Who = Literal["user", "staff"]
PLACES = {
    "order_id": "ORDER_20261122_7K3F9Q", "task_id": str(uuid.uuid4()), "view_id": str(uuid.uuid4()), "kind": "original",
    "action": "resume", "token": "x", "filename": "y", "version": "1", "name": "x",
}  # fmt: skip
# Whoever needs no sign-in: to read what is public, to sign in, to follow a signed link, to send a signed webhook.
OPEN = {
    "/healthz", "/readyz", "/metrics", "/docs", "/docs/{name}", "/openapi.json", "/history/session", "/staff/session",
    "/history/static/{version}/{name}", "/staff/static/{version}/{name}", "/d/{token}/{filename}",
    "/api/task-history/images/{token}", "/api/webhooks/payments", "/codec/decode", "/codec/encode",
}  # fmt: skip
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
PAGES: dict[str, Who] = {"/staff/": "staff", "/history/": "user"}
ELSEWHERE = "https://elsewhere.example"
FORGED = 3  # of each kind


def routes() -> Iterator[tuple[str, str]]:
    """Yield each method and path that the gateway serves."""
    for router in create_app(Settings(_env_file=None)).routes:
        for route in router.effective_route_contexts():  # type: ignore[attr-defined]
            for method in sorted(route.methods or ()):
                yield method, route.path


ROUTES = sorted(set(routes()))
PAGE_CHANGES = [(method, path) for method, path in ROUTES if method in CHANGING and path.startswith(tuple(PAGES))]
EACH_PATH = sorted({path for _, path in ROUTES})


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda place: PLACES.get(place[1], "x"), path)


def test_no_route_is_left_out() -> None:
    assert len(ROUTES) > 80
    assert {path for _, path in ROUTES} >= OPEN
    assert len(PAGE_CHANGES) > 15
    assert all(compile_path(path)[0].match(filled(path)) for path in EACH_PATH)


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path in ROUTES if path not in OPEN])
async def test_whoever_is_not_signed_in_learns_and_changes_nothing(gate: Gate, method: str, path: str) -> None:
    answer = await gate.nobody.request(method, filled(path))
    assert (answer.status_code, answer.headers["cache-control"]) == (401, "no-store")
    assert "location" not in answer.headers


@pytest.fixture(scope="module")
async def browsers(gate: Gate) -> AsyncIterator[dict[Who, httpx.AsyncClient]]:
    """Browsers in which a user and a staff member are signed in."""
    clients: dict[Who, httpx.AsyncClient] = {}
    for who in ("user", "staff"):
        token = wiring.tokens(gate.settings).issue(uuid.uuid4(), "", 1, who)
        cookie = await signed_in(gate.url, token, who)
        clients[who] = httpx.AsyncClient(base_url=gate.url, headers={"Cookie": cookie}, timeout=30)
    yield clients
    for client in clients.values():
        await client.aclose()


async def csrf_of(client: httpx.AsyncClient, folder: str) -> str:
    page = (await client.get(folder, headers={"Accept": "text/html"})).raise_for_status().text
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(("method", "path"), PAGE_CHANGES)
async def test_no_other_site_changes_anything_with_a_browsers_session(
    gate: Gate, browsers: dict[Who, httpx.AsyncClient], method: str, path: str
) -> None:
    folder = next(folder for folder in PAGES if path.startswith(folder))
    client = browsers[PAGES[folder]]
    ours = {"Origin": gate.url, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": await csrf_of(client, folder)}
    wrong: list[dict[str, str | None]] = [
        {"Origin": ELSEWHERE}, {"Origin": "null"}, {"Origin": f"{gate.url}.elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
        {"Origin": None, "Sec-Fetch-Site": None},
    ]  # fmt: skip
    signs_in = path.endswith("/session")
    if not signs_in:  # there is no session to which a CSRF token could belong
        wrong += [{"X-CSRF-Token": None}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}]
    for changed in wrong:
        headers = {name: value for name, value in (ours | changed).items() if value is not None}
        form = {"token": "x"} if signs_in else {}
        answer = await client.request(method, filled(path), data=form, headers=headers)
        assert answer.status_code == 403, changed


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "GET" and path.startswith(tuple(PAGES))])
async def test_what_is_shown_of_somebody_is_kept_by_nobody_else(
    browsers: dict[Who, httpx.AsyncClient], path: str
) -> None:
    who = next(who for folder, who in PAGES.items() if path.startswith(folder))
    answer = await browsers[who].head(filled(path), headers={"Accept": "text/html"})
    if path not in OPEN or "static" not in path:
        assert {"no-store", "private"} & set(re.split(r"[ ,]+", answer.headers["cache-control"]))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", EACH_PATH)
async def test_no_other_site_may_read_anything(browsers: dict[Who, httpx.AsyncClient], path: str) -> None:
    preflight = {"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST"}
    for client in browsers.values():
        for method in ("OPTIONS", "HEAD"):
            answer = await client.request(method, filled(path), headers=preflight)
            assert not [name for name in answer.headers if name.startswith("access-control-")], method
            assert answer.status_code != 500
            if method == "OPTIONS":
                assert answer.status_code in {403, 404, 405}


@pytest.mark.parametrize(
    ("who", "method", "path"),
    [
        ("user", "GET", "/api/task-history/tasks"),
        ("staff", "GET", "/staff/"),
        ("staff", "POST", "/codec/decode"),
    ],
)
async def test_no_forged_token_opens_anything(gate: Gate, who: Who, method: str, path: str) -> None:
    secret = gate.settings.token_secret.get_secret_value()
    issuer, rng = Issuer("HS256", secret), random.Random(20261201)
    valid = wiring.tokens(gate.settings).issue(uuid.uuid4(), "", 1, who)
    sent = 0
    assert (await gate.nobody.request(method, path, headers={"Authorization": f"Bearer {valid}"}, json={})).is_success
    for mutation in MUTATIONS:
        for _ in range(FORGED):
            token = mutation(issuer, rng, valid)
            if token == valid or not token.isprintable() or not token.isascii():  # no header can carry it
                continue
            answer = await gate.nobody.request(method, path, headers={"Authorization": f"Bearer {token}"}, json={})
            assert answer.status_code in {401, 431}, (mutation.__name__, token)
            sent += 1
    assert sent > len(MUTATIONS)


@pytest.mark.parametrize("path", [path for path in EACH_PATH if "{" in path])
async def test_no_id_leads_out_of_its_place(gate: Gate, browsers: dict[Who, httpx.AsyncClient], path: str) -> None:
    odd = ["..", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e", "..%5c..%5cwindows", "%00", "x%0d%0aSet-Cookie:%20a=b",
           "%ff%fe", "%252e%252e%252f", "a" * 2000, "'%20OR%201=1--", "${jndi:x}", "%3Cscript%3E"]  # fmt: skip
    clients: list[httpx.AsyncClient] = [gate.nobody, gate.bot, *browsers.values()]
    for one in odd:
        there = re.sub(r"\{\w+(:\w+)?\}", one, path)
        for client in clients:
            answer = await client.get(there, headers={"Accept": "text/html"})
            if answer.status_code == 200:  # any text may be the id of a customer
                assert (path, answer.json()["orders"]) == ("/api/customers/{customer_id:path}/orders", [])
                continue
            assert answer.status_code in {303, 307, 401, 404, 405, 414, 422}, (there, answer.status_code)
            assert "set-cookie" not in answer.headers
            assert re.match(r"/(?!/)|$", answer.headers.get("location", "")), (
                there
            )  # to the sign-in, or to the same with a slash
            assert "root:" not in answer.text
