"""Sessions over HTTP: whoever signs out is out at each gateway, with every copy of their cookie and token."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from signal import SIGCONT, SIGSTOP
from typing import Any, Literal

import httpx
import pytest

from runtime import wiring
from tests.conftest import Servers
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import app_with, served, signed_in

Who = Literal["user", "staff"]
PAGES: dict[Who, str] = {"user": "/history", "staff": "/staff"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture(scope="module")
async def other_gate(gate: Gate) -> AsyncIterator[str]:
    """Another gateway of the same shop."""
    values = {name: getattr(gate.settings, name) for name in gate.settings.model_fields_set}
    with served(app_with(**values)) as url:
        yield url


def token_of(gate: Gate, who: Who = "staff", user_id: uuid.UUID | None = None) -> str:
    return wiring.tokens(gate.settings).issue(user_id or uuid.uuid4(), "", 1, who)


async def browser(gate: Gate, token: str, who: Who, agent: str = FIREFOX) -> httpx.AsyncClient:
    """A browser that signed in with a token."""
    client = httpx.AsyncClient(base_url=gate.url, headers={"Origin": gate.url, "User-Agent": agent}, timeout=30)
    answer = await client.post(f"{PAGES[who]}/session", data={"token": token}, headers={"sec-fetch-mode": "navigate"})
    assert answer.status_code == 303, answer.text
    return client


async def status(url: str, cookie: str, who: Who) -> int:
    async with httpx.AsyncClient(base_url=url, headers={"Cookie": cookie, "Accept": "*/*"}, timeout=30) as client:
        return (await client.get(f"{PAGES[who]}/sessions")).status_code


async def until_out(url: str, cookie: str, who: Who) -> None:
    """Wait until a gateway no longer takes a cookie."""
    async with asyncio.timeout(60):
        while await status(url, cookie, who) != 401:  # noqa: ASYNC110 - the gateway says it to nobody
            await asyncio.sleep(0.2)


async def csrf_of(client: httpx.AsyncClient, who: Who) -> str:
    page = (await client.get(f"{PAGES[who]}/sessions")).raise_for_status().text
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page) or re.search(r'data-csrf="([0-9a-f]+)"', page)
    if found is None:  # a single session of a user has no form
        page = (await client.get(f"{PAGES[who]}/")).raise_for_status().text
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("who", PAGES)
async def test_signing_out_ends_every_copy_of_the_cookie_and_of_the_token(
    gate: Gate, other_gate: str, who: Who
) -> None:
    token = token_of(gate, who)
    client = await browser(gate, token, who)
    copy = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    assert token not in copy
    assert [await status(url, copy, who) for url in (gate.url, other_gate)] == [200, 200]
    out = await client.post(f"{PAGES[who]}/session/end", data={"csrf": await csrf_of(client, who)})
    assert out.status_code == 303
    assert await status(gate.url, copy, who) == 401  # at once
    await until_out(other_gate, copy, who)
    again = await client.post(f"{PAGES[who]}/session", data={"token": token})
    assert again.status_code == 401
    bearer, path = {"Authorization": f"Bearer {token}"}, {"user": "/api/task-history/tasks", "staff": "/staff/"}[who]
    assert (await gate.nobody.get(path, headers=bearer)).status_code == 401
    other = {"Authorization": f"Bearer {token_of(gate, who)}"}
    assert (await gate.nobody.get(path, headers=other)).status_code == 200
    await client.aclose()


@pytest.mark.parametrize("who", PAGES)
async def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(gate: Gate, who: Who) -> None:
    token = token_of(gate, who)
    client = await browser(gate, token, who)
    first = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    assert (await client.post(f"{PAGES[who]}/session", data={"token": token})).status_code in {204, 303}
    second = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    assert first != second
    assert [await status(gate.url, cookie, who) for cookie in (first, second)] == [401, 200]
    await client.aclose()


@pytest.mark.parametrize("who", PAGES)
async def test_a_person_sees_and_ends_their_other_sessions(gate: Gate, who: Who) -> None:
    user_id = uuid.uuid4()
    mine = await browser(gate, token_of(gate, who, user_id), who)
    lost = await signed_in(gate.url, token_of(gate, who, user_id), who)
    third = await signed_in(gate.url, token_of(gate, who, user_id), who)
    others = await signed_in(gate.url, token_of(gate, who), who)
    page = (await mine.get(f"{PAGES[who]}/sessions", headers={"Accept-Language": "en"})).text
    assert ("Firefox, Linux" in page, "this browser" in page) == (True, True)
    found = re.findall(r'name="session_id" value="([0-9a-f-]+)"', page)
    assert len(found) == 2
    form = {"csrf": await csrf_of(mine, who), "session_id": found[1]}  # the last used comes first
    assert (await mine.post(f"{PAGES[who]}/sessions/end", data=form)).status_code == 303
    assert [await status(gate.url, cookie, who) for cookie in (lost, third)] == [401, 200]
    assert (await mine.post(f"{PAGES[who]}/sessions/end", data={"csrf": form["csrf"]})).status_code == 303
    assert [await status(gate.url, cookie, who) for cookie in (third, others)] == [401, 200]
    assert (await mine.get(f"{PAGES[who]}/sessions")).status_code == 200
    await mine.aclose()


@pytest.mark.parametrize("who", PAGES)
async def test_nobody_ends_a_session_of_somebody_else(gate: Gate, who: Who) -> None:
    mine, theirs = await browser(gate, token_of(gate, who), who), await browser(gate, token_of(gate, who), who)
    sessions = wiring.sessions(gate.settings, engine := wiring.engine(gate.settings))
    cookie = next(iter(theirs.cookies.values()))
    found = await sessions.find(cookie, is_active=False)
    assert found
    form = {"csrf": await csrf_of(mine, who), "session_id": str(found.session_id)}
    assert (await mine.post(f"{PAGES[who]}/sessions/end", data=form)).status_code == 303
    assert (await theirs.get(f"{PAGES[who]}/sessions")).status_code == 200
    for wrong in ({"csrf": "0" * 64}, {"csrf": ""}, {}):
        assert (await mine.post(f"{PAGES[who]}/sessions/end", data=wrong)).status_code == 403
    await asyncio.gather(mine.aclose(), theirs.aclose(), engine.dispose())


async def test_a_cookie_of_a_user_opens_nothing_of_staff(gate: Gate) -> None:
    user_id = uuid.uuid4()
    for who, other in (("user", "staff"), ("staff", "user")):
        cookie = await signed_in(gate.url, token_of(gate, who, user_id), who)  # type: ignore[arg-type]
        value = cookie.partition("=")[2]
        renamed = {"staff": f"darkroom_staff={value}", "user": f"darkroom_history={value}"}[other]
        assert await status(gate.url, renamed, other) == 401  # type: ignore[arg-type]


@pytest.mark.parametrize("who", PAGES)
async def test_an_operator_ends_all_of_a_person_at_each_gateway(gate: Gate, other_gate: str, who: Who) -> None:
    user_id = uuid.uuid4()
    token = token_of(gate, who, user_id)
    cookie, others = (
        await signed_in(gate.url, token, who),
        await signed_in(gate.url, token_of(gate, who), who),
    )
    assert [await status(url, cookie, who) for url in (gate.url, other_gate)] == [200, 200]
    sessions = wiring.sessions(gate.settings, engine := wiring.engine(gate.settings))
    await sessions.end_all(user_id)
    await engine.dispose()
    for url in (gate.url, other_gate):
        await until_out(url, cookie, who)
        assert await status(url, others, who) == 200
    refused = await gate.nobody.post(
        f"{PAGES[who]}/session", data={"token": token}, headers={"Origin": gate.url, "Accept": "text/html"}
    )
    assert refused.status_code == 401


async def test_a_stream_ends_with_its_session(gate: Gate) -> None:
    client = await browser(gate, token_of(gate, "user"), "user")
    csrf, ended = await csrf_of(client, "user"), asyncio.Event()

    async def follow() -> list[str]:
        async with client.stream("GET", "/history/live?after=0", headers={"Accept": "text/event-stream"}) as stream:
            ended.set()
            return [line async for line in stream.aiter_lines() if line.startswith("event:")]

    following = asyncio.create_task(follow())
    await ended.wait()
    async with httpx.AsyncClient(base_url=gate.url, headers=client.headers, cookies=client.cookies) as same:
        assert (await same.post("/history/session/end", data={"csrf": csrf})).status_code == 303
    async with asyncio.timeout(60):
        assert await following == ["event: end"]
    await client.aclose()


async def test_staff_change_nothing_while_postgres_cannot_say_that_they_are_signed_in(
    gate: Gate, servers: Servers
) -> None:
    client = await browser(gate, token_of(gate), "staff")
    csrf = await csrf_of(client, "staff")
    act: dict[str, Any] = {"csrf": csrf, "act_id": str(uuid.uuid4()), "seen_version": 1, "seen_serial": 1}
    bearer = {"Authorization": f"Bearer {token_of(gate)}"}
    servers.send("postgres", SIGSTOP)
    try:
        async with asyncio.timeout(90):  # what was known may be believed for ten seconds
            while (await client.post("/codec/decode", json={"payloads": []})).status_code != 503:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        answers = [
            await client.post("/staff/orders/ORDER_20261122_7K3F9Q/actions/resume", data=act),
            await client.post("/staff/settings/save", data={"csrf": csrf}),
            await gate.nobody.post("/codec/decode", json={"payloads": []}, headers=bearer),
            await gate.nobody.post("/staff/session", data={"token": token_of(gate)}, headers={"Origin": gate.url}),
        ]
    finally:
        servers.send("postgres", SIGCONT)
    assert {(answer.status_code, "retry-after" in answer.headers) for answer in answers} == {(503, True)}
    async with asyncio.timeout(60):
        while (await client.get("/staff/sessions")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    await client.aclose()
