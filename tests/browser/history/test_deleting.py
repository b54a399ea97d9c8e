"""Selecting and deleting: one sees what, and can take it back."""

from playwright.async_api import expect

from tests.browser.history.conftest import History, Visits

EXPIRE = """UPDATE user_task_history SET deleted_at = deleted_at - interval '1 minute'
    WHERE user_id = $1 AND deleted_at IS NOT NULL"""


async def test_what_is_selected_is_shown_deleted_and_taken_back(visits: Visits) -> None:
    visit = await visits.of(count=12)
    page, boxes = visit.page, visit.page.locator(".pick input")
    await boxes.nth(1).check()
    await boxes.nth(4).click(modifiers=["Shift"])
    await expect(page.locator("#selected-count")).to_have_text("已选 4 条")
    await expect(page.locator("#selected-thumbs img")).to_have_count(3)  # one failed
    await page.locator("#selection-delete").click()
    question = page.get_by_role("dialog", name="删除 4 条记录?")
    await expect(question).to_contain_text("图片(4 张)会一起删除")
    await expect(question).to_contain_text("电商主图:陶瓷杯,柔和阴影 #11")
    await page.keyboard.press("Escape")
    await expect(page.locator("#selected-count")).to_have_text("已选 4 条")
    await page.locator("#selection-delete").click()
    await question.get_by_role("button", name="删除", exact=True).click()
    await expect(page.locator("#total")).to_have_text("共 8 条")
    await expect(page.locator("#selection")).to_be_hidden()
    await expect(page.locator(".totals dd").first).to_contain_text("8")
    await page.get_by_role("button", name="撤销").click()
    await expect(page.locator("#total")).to_have_text("共 12 条")
    await expect(page.locator("#list .card")).to_have_count(12)
    await expect(page.locator(".totals dd").first).to_contain_text("12")
    assert visits.complaints == []


async def test_an_undo_that_comes_too_late_is_told(history: History, visits: Visits) -> None:
    visit = await visits.of(count=3)
    page = visit.page
    await page.locator(".pick input").first.check()
    await page.locator("#selection-delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="删除", exact=True).click()
    await expect(page.locator("#total")).to_have_text("共 2 条")
    await history.run(EXPIRE, visit.someone.user.user_id)
    await page.get_by_role("button", name="撤销").click()
    await expect(page.get_by_text("已经超过 10 秒,无法撤销")).to_be_visible()


async def test_only_what_was_loaded_is_selected(visits: Visits) -> None:
    visit = await visits.of(count=400)
    page, ids = visit.page, visit.someone.ids
    await page.locator(f"#t{ids[0]} .pick input").check()
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = page.locator(f"#t{ids[-1]} .pick input")
    await last.click(modifiers=["Shift"])
    await expect(page.get_by_text("还没有载入,没有选上")).to_be_visible()
    loaded = await page.locator("#list .card:not(.skeleton)").count()
    await expect(page.locator("#selected-count")).to_have_text(f"已选 {loaded} 条")
    assert loaded < 400


async def test_a_record_is_deleted_from_the_viewer_which_shows_the_next(visits: Visits) -> None:
    visit = await visits.of(count=4)
    page, ids = visit.page, visit.someone.ids
    await page.locator(f"#t{ids[1]} .open").click()
    await page.locator("#record .delete").click()
    await page.get_by_role("dialog", name="删除 1 条记录?").get_by_role("button", name="删除", exact=True).click()
    await page.wait_for_selector(f".record[data-id='{ids[2]}']")
    await page.keyboard.press("Escape")
    await expect(page.locator("#total")).to_have_text("共 3 条")
