"""The list: filters, places, and a history of 10,000 records."""

import json
import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.history.conftest import READY, History, Visits

MANY = 10_040  # the list holds 10,000
LONGEST_TASK = 50.0  # milliseconds of the page's main thread
MIDDLE_IS_LOADED = """() => document.elementFromPoint(innerWidth / 2, innerHeight / 2)
  .closest('.run:not(.unloaded)')?.querySelector('.card:not(.skeleton)')"""
FOCUSED = "document.activeElement.closest('.card')?.dataset.id"


async def test_figures_and_the_chart_say_what_is_there(visits: Visits) -> None:
    visit = await visits.of(count=12)
    figures = visit.page.locator(".totals dd")
    await expect(figures.nth(0)).to_contain_text("12成功 10 · 失败 1 · 进行中 1")
    await expect(figures.nth(1)).to_contain_text("90.9%")
    await expect(figures.nth(2)).to_contain_text("11")
    await expect(figures.nth(3)).to_contain_text("8 秒")
    chart = visit.page.get_by_role("img", name=re.compile("每天的任务数:共 12 条"))
    await expect(chart).to_be_visible()
    await visit.page.get_by_text("看表格").click()
    cells = await visit.page.locator("table tbody td:nth-child(2)").all_inner_texts()
    assert sum(map(int, cells)) == 12
    assert visits.complaints == []


async def test_filters_are_in_the_address_and_back_takes_them_away(history: History, visits: Visits) -> None:
    visit = await visits.of(count=30)
    page, total = visit.page, visit.page.locator("#total")
    await page.get_by_text("更多筛选").click()
    await page.get_by_label("状态").select_option("failed")
    await expect(total).to_have_text("共 1 条")
    await page.get_by_label("状态").select_option("")
    await page.get_by_label("类型").select_option("image_edit")
    await expect(total).to_have_text("共 6 条")
    await page.get_by_role("searchbox").fill("修复")
    await page.keyboard.press("Enter")
    await expect(total).to_have_text("共 1 条")
    await expect(page).to_have_url(f"{history.url}/history/?task_type=image_edit&q=%E4%BF%AE%E5%A4%8D")
    await page.go_back()
    await expect(total).to_have_text("共 6 条")
    await page.go_forward()
    await expect(total).to_have_text("共 1 条")
    await page.get_by_label("只看收藏").check()
    await expect(page.get_by_role("heading", name="没有符合条件的记录")).to_be_visible()
    await page.locator("#filters").get_by_role("link", name="清除筛选").click()
    await expect(total).to_have_text("共 30 条")
    await page.get_by_role("link", name="今天").click()
    await expect(page.get_by_role("link", name="今天")).to_have_attribute("aria-current", "true")
    assert "start_date=" in page.url
    assert visits.complaints == []


async def test_a_filter_in_the_address_that_is_not_understood_is_named(visits: Visits) -> None:
    visit = await visits.of(count=5, path="/history/?status=done&start_date=2026-13-01&q=x")
    page = visit.page
    await expect(page.locator("#misread")).to_have_text("地址里的这些筛选条件看不懂,没有按它们筛选: 开始日期 状态")
    answer = await page.request.get(f"{page.url.partition('?')[0]}export.csv?status=done")
    assert answer.status == 422
    await page.get_by_role("link", name="清除筛选").first.click()
    await expect(page.locator("#misread")).to_have_count(0)
    assert visits.complaints == []


async def test_filters_are_saved_by_name(visits: Visits) -> None:
    visit = await visits.of(count=5, path="/history/?status=failed")
    page = visit.page
    await page.locator("#saved summary").click()
    await page.get_by_label("给现在的筛选起个名字").fill("失败的")
    await page.get_by_role("button", name="保存").click()
    await visit.open()
    await page.locator("#saved summary").click()
    await page.get_by_role("link", name="失败的").click()
    await expect(page.locator("#total")).to_have_text("共 1 条")
    await page.locator("#saved summary").click()
    await page.get_by_role("button", name="删除常用筛选 失败的").click()
    await expect(page.get_by_text("还没有保存的筛选。")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#saved")).not_to_have_attribute("open", "")


async def test_exports_follow_the_filters_and_the_plan(history: History, visits: Visits) -> None:
    visit = await visits.of(count=8, path="/history/?status=completed")
    await visit.page.locator("#export summary").click()
    async with visit.page.expect_download() as saving:
        await visit.page.get_by_role("link", name="表格(CSV)").click()
    text = (await (await saving.value).path()).read_text(encoding="utf-8-sig")
    assert len(text.strip().splitlines()) == 1 + 6
    free = await visits.of(await history.someone(1, plan="free"))
    await free.page.locator("#export summary").click()
    await expect(free.page.get_by_text("您的套餐不含导出。")).to_be_visible()


async def test_an_empty_history_says_so(visits: Visits) -> None:
    visit = await visits.of(count=0)
    await expect(visit.page.get_by_role("heading", name="还没有记录")).to_be_visible()
    await expect(visit.page.get_by_text("这段时间没有任务")).to_be_visible()


async def test_the_pager_turns_pages_of_the_same_list(visits: Visits) -> None:
    visit = await visits.of(count=130)
    page, where = visit.page, visit.page.locator("#page")
    await expect(where).to_contain_text("1/3")
    await expect(page.locator("#previous")).to_have_attribute("aria-disabled", "true")
    await page.get_by_role("link", name="下一页").click()
    await expect(where).to_contain_text("2/3")
    await page.wait_for_function(f"() => {FOCUSED} === '{visit.someone.ids[50]}'")
    await page.get_by_role("link", name="上一页").click()
    await expect(where).to_contain_text("1/3")
    await page.goto(f"{visit.url}/history/?page=3")
    await page.wait_for_function(f"() => {FOCUSED} === '{visit.someone.ids[100]}'")


async def test_a_section_that_does_not_load_says_so_and_is_retried(visits: Visits) -> None:
    visit = await visits.of(count=300)
    page, is_away = visit.page, True

    async def answer(route: Route) -> None:
        await (route.fulfill(status=503) if is_away else route.continue_())

    await page.route("**/history/cards?*", answer)
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    failed = page.get_by_role("alert").filter(has_text="这一段没有载入").last
    await expect(failed).to_be_visible()
    is_away = False
    await failed.get_by_role("button", name="重试").click()
    await expect(page.locator(f"#t{visit.someone.ids[-1]} .open")).to_be_visible()


async def test_ten_thousand_records_scroll_without_a_long_task_and_lose_no_place(
    history: History, visits: Visits, capsys: pytest.CaptureFixture[str]
) -> None:
    someone = await history.someone(MANY, apart=timedelta(minutes=150))
    page = await visits.page(someone)
    browser = page.context.browser
    await page.goto(f"{history.url}/history/")
    await page.wait_for_selector(READY)
    await expect(page.locator("#total")).to_have_text("共 10,040 条")
    await expect(page.locator("#capped")).to_have_text("这里是最新的 10,000 条,更早的请按日期筛选。")
    await browser.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline", "__metadata"])
    height = await page.evaluate("document.documentElement.scrollHeight")
    for _ in range(25):
        await page.mouse.wheel(0, 1100)
        await page.wait_for_timeout(30)  # as a hand does it
    for part in (0.3, 0.8, 0.55):
        await page.evaluate(f"scrollTo(0, {height} * {part})")
        await page.wait_for_function(MIDDLE_IS_LOADED)
    longest = longest_task(json.loads(await browser.stop_tracing()))
    paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    with capsys.disabled():
        print(
            f"\n  {MANY:,} records: first paint after {paint:.0f} ms, longest task {longest:.0f} ms of CPU time",
            end=" ",
        )
    assert longest < LONGEST_TASK
    assert await page.evaluate("document.documentElement.scrollHeight") == height, "the scrollbar jumped"
    await page.wait_for_function("() => new URLSearchParams(location.search).has('at')")
    await returns_to_its_place(page)
    assert visits.complaints == []


async def returns_to_its_place(page: Page) -> None:
    """Leave the page and come back."""
    at = page.url.partition("at=")[2]
    top = await page.evaluate(f"document.getElementById('t{at}').getBoundingClientRect().top")
    await page.goto("about:blank")
    await page.go_back()
    await page.wait_for_selector(READY)
    await page.wait_for_function(f"() => {FOCUSED} === '{at}'")
    assert await page.evaluate(f"document.getElementById('t{at}').getBoundingClientRect().top") == pytest.approx(
        top, abs=2
    )


async def test_the_browsers_search_finds_what_was_never_scrolled_to(visits: Visits) -> None:
    visit = await visits.of(count=400)
    page = visit.page
    assert await page.locator(".run.unloaded").count() > 0
    await page.keyboard.press("Control+f")
    await expect(page.get_by_text("全部记录已载入")).to_be_visible()
    assert await page.evaluate("find('#1') && getSelection().toString()") == "#1"
    await expect(page.locator("#list .card")).to_have_count(400)


def longest_task(trace: dict[str, list[dict[str, object]]]) -> float:
    """Return the longest task of the page's main thread, in milliseconds of its own CPU time: machines are shared."""
    events = trace["traceEvents"]
    main = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"] == {"name": "CrRendererMain"}
    }
    tasks = [
        one["tdur"] for one in events if one["name"] == "RunTask" and (one["pid"], one["tid"]) in main and "tdur" in one
    ]
    assert len(tasks) > 100
    return max(float(str(one)) for one in tasks) / 1000
