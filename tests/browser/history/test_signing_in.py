"""Signing in to the page, and what others cannot make a browser do there."""

import json
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.history.conftest import READY, History, Visits

COOKIE = "darkroom_history"


async def test_a_link_with_a_token_signs_in_and_leaves_no_trace_in_the_address(
    history: History, visits: Visits
) -> None:
    someone = await history.someone(3)
    page = await visits.page()
    await page.goto(f"{history.url}/history/?status=completed#token={someone.token}")
    await page.wait_for_selector(READY)
    assert page.url == f"{history.url}/history/?status=completed"
    await expect(page.locator("#total")).to_have_text("共 1 条")
    cookie = next(one for one in await page.context.cookies() if one["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert "token" not in json.dumps(await page.evaluate("({...localStorage, ...sessionStorage})"))


async def test_a_token_can_be_pasted_without_scripts(history: History, visits: Visits) -> None:
    someone = await history.someone(3)
    page = await visits.page(java_script_enabled=False)
    await page.goto(f"{history.url}/history/")
    await expect(page.get_by_role("heading", name="请先登录")).to_be_visible()
    await page.get_by_text("手动登录").click()
    await page.get_by_label("登录凭证").fill("not a token")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("status")).to_contain_text("无效、已过期或已退出")
    await page.get_by_text("手动登录").click()
    await page.get_by_label("登录凭证").fill(someone.token)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#list .card")).to_have_count(3)
    await page.locator(".open").nth(1).click()
    await expect(page.get_by_role("link", name="下一条")).to_be_visible()


async def test_a_refused_token_is_explained(history: History, visits: Visits) -> None:
    page = await visits.page()
    await page.goto(f"{history.url}/history/#token=a.b.c")
    await expect(page.get_by_role("status")).to_contain_text("无效、已过期或已退出")
    assert "token" not in page.url


async def test_a_link_from_another_site_finds_the_session(history: History, visits: Visits) -> None:
    """The cookie is SameSite=Strict: the browser keeps it back at first."""
    page = await visits.page(await history.someone(3))
    await page.route(
        "https://shop.example/",
        lambda route: route.fulfill(
            content_type="text/html", body=f"<a href='{history.url}/history/?status=failed'>records</a>"
        ),
    )
    await page.goto("https://shop.example/")
    await page.get_by_role("link").click()
    await page.wait_for_selector(READY)
    assert page.url.endswith("/history/?status=failed")


async def test_signing_out_ends_the_session(visits: Visits) -> None:
    visit = await visits.of(count=1)
    await visit.page.get_by_role("button", name="退出登录").click()
    await expect(visit.page.get_by_role("heading", name="请先登录")).to_be_visible()
    assert await visit.page.context.cookies() == []


async def test_a_session_that_ends_while_the_page_is_open_is_told(visits: Visits) -> None:
    visit = await visits.of(count=4)
    await visit.page.context.clear_cookies()
    await visit.page.locator(".card .favourite").first.click()
    await expect(visit.page.get_by_role("alert").filter(has_text="登录已过期")).to_be_visible()
    await expect(visit.page.locator("#list .card")).to_have_count(4)


async def test_two_users_side_by_side_see_only_their_own(history: History, visits: Visits) -> None:
    mine, others = await visits.of(count=3), await visits.of(count=5)
    await expect(mine.page.locator("#total")).to_have_text("共 3 条")
    await expect(others.page.locator("#total")).to_have_text("共 5 条")
    foreign = others.someone.ids[1]
    for path in (
        f"/history/records/{foreign}",
        f"/history/images/{foreign}/generated",
        f"/history/images/{foreign}/original-thumb",
    ):
        answer = await mine.page.request.get(history.url + path, max_redirects=0)
        assert answer.status == 404
    cards = await mine.page.request.get(f"{history.url}/history/cards?ids={foreign},{mine.someone.ids[1]}")
    assert (await cards.text()).count("<article") == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": "0" * 64}, 403),
        ({"X-CSRF-Token": ""}, 403),
    ],
)
async def test_other_sites_cannot_use_a_session(history: History, headers: dict[str, str], status: int) -> None:
    someone = await history.someone(2)
    async with httpx.AsyncClient(base_url=history.url, headers={"Cookie": await history.cookie(someone)}) as client:
        page = (await client.get("/history/", headers={"Accept": "text/html"})).text
        csrf = page.partition('data-csrf="')[2].partition('"')[0]
        ours = {"Origin": history.url, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": csrf}
        answer = await client.post("/history/bin", json={"ids": [str(someone.ids[1])]}, headers=ours | headers)
        assert answer.status_code == status
        left = (await client.get("/history/ids")).json()
        assert sum(len(day["ids"]) for day in left) == (1 if status == 200 else 2)


async def test_no_site_signs_its_visitors_in_as_somebody(history: History) -> None:
    someone = await history.someone()
    async with httpx.AsyncClient(base_url=history.url) as client:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
            answer = await client.post("/history/session", data={"token": someone.token}, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers


async def test_the_api_takes_no_cookie_and_the_page_no_bearer_token(history: History) -> None:
    someone = await history.someone(1)
    async with httpx.AsyncClient(base_url=history.url, headers={"Cookie": await history.cookie(someone)}) as client:
        api = await client.get("/api/task-history/tasks")
    async with httpx.AsyncClient(base_url=history.url) as client:
        page = await client.get("/history/ids", headers={"Authorization": f"Bearer {someone.token}"})
    assert (api.status_code, page.status_code) == (401, 401)


async def test_the_page_allows_nothing_inline_and_only_storage_besides_itself(history: History) -> None:
    someone = await history.someone(1)
    async with httpx.AsyncClient(base_url=history.url, headers={"Cookie": await history.cookie(someone)}) as client:
        policy = (await client.get("/history/", headers={"Accept": "text/html"})).headers["content-security-policy"]
    assert "unsafe" not in policy
    storage = urlsplit(history.settings.s3_endpoint_url or "")
    assert f"img-src 'self' data: {storage.scheme}://{storage.netloc};" in policy
    assert "script-src 'self';" in policy
