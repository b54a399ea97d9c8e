"""How the page looks and is read: on a phone, at night, with a screen reader, in English."""

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.history.conftest import History, Visit, Visits
from tests.integration.gateway.serving import NOWHERE, app_with, served

TRANSLATE = """UPDATE user_task_history SET prompt = 'A cat',
    error_message = CASE WHEN error_message IS NOT NULL THEN 'refused' END WHERE user_id = $1"""
SERIOUS = {"serious", "critical"}


async def faults(page: Page) -> list[str]:
    """What axe finds that bars people from the page."""
    found: dict[str, Any] = (await Axe().run(page)).response
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"] if one["impact"] in SERIOUS]


async def overflow(page: Page) -> int:
    pixels: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return pixels


async def select(visit: Visit) -> None:
    await visit.page.locator(".pick input").nth(1).check()


async def ask(visit: Visit) -> None:
    await select(visit)
    await visit.page.locator("#selection-delete").click()


async def view(visit: Visit) -> None:
    await visit.page.locator(".open").nth(1).click()
    await visit.page.wait_for_selector(".compare[data-started]")


async def filter_all(visit: Visit) -> None:
    await visit.page.get_by_text("更多筛选").click()
    await visit.page.locator("#saved summary").click()


async def table(visit: Visit) -> None:
    await visit.page.get_by_text("看表格").click()


STATES = {"list": None, "selected": select, "question": ask, "viewer": view, "filters": filter_all, "table": table}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_every_state_can_be_read_by_everybody(visits: Visits, scheme: str, phone: bool) -> None:
    visit = await visits.of(count=8, phone=phone, color_scheme=scheme)
    for name, reach in STATES.items():
        await visit.open()
        if reach:
            await reach(visit)
        assert await faults(visit.page) == [], name
        assert await overflow(visit.page) <= 0, name
    assert visits.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_without_records_can_be_read_by_everybody(history: History, visits: Visits, scheme: str) -> None:
    visit = await visits.of(count=0, phone=True, color_scheme=scheme)
    assert await faults(visit.page) == []
    await visit.page.goto(f"{history.url}/history/records/{visit.someone.user.user_id}")
    await expect(visit.page.get_by_text("找不到这条记录")).to_be_visible()
    assert await faults(visit.page) == []
    await visit.page.context.clear_cookies()
    await visit.page.goto(f"{history.url}/history/")
    assert await faults(visit.page) == []
    assert await overflow(visit.page) <= 0


async def test_without_postgres_the_page_says_so_and_can_be_tried_again(history: History, visits: Visits) -> None:
    """What is away is told in the page's place, and nothing of how it is built."""
    someone = await history.someone()
    with served(app_with(**NOWHERE)) as url:
        page = await visits.page(someone)
        await page.goto(f"{url}/history/?status=failed")
        await expect(page.get_by_text("现在读不到记录")).to_be_visible()
        await expect(page.get_by_role("link", name="重试")).to_be_visible()
        assert await faults(page) == []


@pytest.mark.parametrize("width", [320, 768, 1600])
async def test_it_fits_every_screen_and_no_card_cuts_its_text_off(visits: Visits, width: int) -> None:
    visit = await visits.of(count=8, viewport={"width": width, "height": 700})
    assert await overflow(visit.page) <= 0
    cut = await visit.page.evaluate(
        "[...document.querySelectorAll('.card')].filter(card => card.scrollHeight > card.clientHeight + 1).length"
    )
    assert cut == 0


async def test_an_english_browser_reads_english(visits: Visits, history: History) -> None:
    visit = await visits.of(count=6, locale="en-GB")
    await history.run(TRANSLATE, visit.someone.user.user_id)
    await visit.open()
    await view(visit)
    assert not re.search(r"[\u4e00-\u9fff]", await visit.page.inner_text("body"))
    await expect(visit.page.get_by_role("slider", name="Before and after; the original is on the left")).to_be_visible()


async def test_the_list_is_walked_by_keyboard(visits: Visits) -> None:
    visit = await visits.of(count=4)
    page = visit.page
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到记录列表")).to_be_focused()
    await page.keyboard.press("Enter")
    for label in ("上一页", "下一页"):
        await expect(page.get_by_text(label)).to_be_hidden()  # one page only
    await page.keyboard.press("Tab")
    await expect(page.locator(".card .open").first).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(page.locator("#selected-count")).to_have_text("已选 1 条")
