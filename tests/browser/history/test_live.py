"""Live cards: one stream for all tabs of a browser, none for those that nobody sees."""

import json
from typing import Any

import httpx
from playwright.async_api import Page, expect

from tests.browser.history.conftest import READY, History, Visits

COMPLETE = """UPDATE user_task_history SET status = 'completed', completed_at = now(), generation_time_ms = 4200,
    aws_generated_key = (SELECT max(aws_generated_key) FROM user_task_history WHERE user_id = $1) WHERE id = $2"""
INSERT = "INSERT INTO user_task_history (user_id, task_type, prompt) VALUES ($1, 'image_generation', '新的一条')"
HIDE = """Object.defineProperty(document, 'hidden', { value: %s, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'))"""
# Streams that a page has opened, and not closed.
COUNT = """
window.streams = new Set();
window.EventSource = class extends EventSource {
  constructor(address) {
    super(address);
    streams.add(this);
    this.addEventListener('open', () => { this.isOpen = true; });
  }
  close() { super.close(); streams.delete(this); }
}"""
OPEN = "[...streams].filter(stream => stream.isOpen).length"


async def test_a_running_tasks_card_changes_by_itself(history: History, visits: Visits) -> None:
    visit = await visits.of(count=5)
    page, card = visit.page, visit.page.locator(f"#t{visit.someone.ids[0]}")
    await expect(card.locator(".making")).to_be_visible()
    await history.run(COMPLETE, visit.someone.user.user_id, visit.someone.ids[0])
    await expect(card).to_contain_text("4.2 秒")
    await expect(page.get_by_role("status").filter(has_text="一条任务已完成")).to_be_visible()
    await expect(page.locator(".totals dd").first).to_contain_text("成功 4 · 失败 1")
    await history.run(INSERT, visit.someone.user.user_id)
    await expect(page.locator("#list .card").first).to_contain_text("新的一条")
    assert visits.complaints == []


async def test_new_records_do_not_move_what_one_looks_at(history: History, visits: Visits) -> None:
    visit = await visits.of(count=200)
    page = visit.page
    await page.evaluate("scrollTo(0, 4000)")
    await page.wait_for_function("() => new URLSearchParams(location.search).has('at')")
    await history.run(INSERT, visit.someone.user.user_id)
    await expect(page.get_by_role("button", name="有新的记录")).to_be_visible()
    assert await page.evaluate("scrollY") == 4000
    await page.get_by_role("button", name="有新的记录").click()
    await expect(page.locator("#list .card").first).to_contain_text("新的一条")
    await page.wait_for_function("() => scrollY === 0")


async def test_seven_tabs_share_one_stream(history: History, visits: Visits) -> None:
    """Browsers open six connections to a host: with a stream each, the seventh tab would never load."""
    first = await visits.page(someone := await history.someone(3))
    await first.context.add_init_script(COUNT)
    tabs = [first, *[await first.context.new_page() for _ in range(6)]]
    for tab in tabs:
        visits.watch(tab)
        await tab.goto(f"{history.url}/history/")
        await tab.wait_for_selector(READY)
    await tabs[0].wait_for_function(f"() => {OPEN} === 1")
    assert [await tab.evaluate("streams.size") for tab in tabs] == [1, 0, 0, 0, 0, 0, 0]
    await history.run(COMPLETE, someone.user.user_id, someone.ids[0])
    for tab in tabs:
        await expect(tab.locator(f"#t{someone.ids[0]}")).to_contain_text("4.2 秒")
    assert visits.complaints == []


async def test_a_hidden_tab_gives_the_stream_away_and_catches_up(history: History, visits: Visits) -> None:
    first = await visits.page(someone := await history.someone(3))
    await first.context.add_init_script(COUNT)
    second = await first.context.new_page()
    for tab in (first, second):
        await tab.goto(f"{history.url}/history/")
        await tab.wait_for_selector(READY)
    await first.wait_for_function(f"() => {OPEN} === 1")
    await hide(first, "true")
    await second.wait_for_function(f"() => {OPEN} === 1")
    assert await first.evaluate("streams.size") == 0
    await hide(second, "true")
    await second.wait_for_function("() => streams.size === 0")
    await history.run(COMPLETE, someone.user.user_id, someone.ids[0])
    await hide(first, "false")
    await expect(first.locator(f"#t{someone.ids[0]}")).to_contain_text("4.2 秒")


async def test_a_stream_goes_on_where_it_broke_off(history: History) -> None:
    someone = await history.someone(3)
    async with httpx.AsyncClient(base_url=history.url, headers={"Cookie": await history.cookie(someone)}) as client:
        first, second, third = (await client.get("/history/changes?after=0")).json()
        resumed = await heard(client, after=0, last_event_id=str(first["revision"]))
        assert [one["id"] for one in resumed] == [second["id"], third["id"]]
        anew = await heard(client, after=second["revision"], last_event_id="nonsense")
        assert [one["id"] for one in anew] == [third["id"]]


async def heard(client: httpx.AsyncClient, after: int, last_event_id: str) -> list[dict[str, Any]]:
    """Return the records of the first event of a stream."""
    headers = {"Last-Event-ID": last_event_id}
    async with client.stream("GET", "/history/live", params={"after": after}, headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                found: list[dict[str, Any]] = json.loads(line.removeprefix("data: "))
                return found
    raise AssertionError("the stream ended")


async def hide(tab: Page, is_hidden: str) -> None:
    await tab.evaluate(HIDE % is_hidden)
