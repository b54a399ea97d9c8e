"""The viewer: images before and after, and the way from one record to the next."""

from playwright.async_api import expect

from tests.browser.history.conftest import READY, History, Visit, Visits

FOCUSED = "document.activeElement.closest('.card')?.dataset.id"


async def opened(visits: Visits, index: int = 1, count: int = 12) -> Visit:
    """Open the viewer at a record; the second is an edited image."""
    visit = await visits.of(count=count)
    await visit.page.locator(f"#t{visit.someone.ids[index]} .open").click()
    await visit.page.wait_for_selector(f".record[data-id='{visit.someone.ids[index]}']")
    return visit


async def test_the_slider_is_worked_by_keyboard(visits: Visits) -> None:
    visit = await opened(visits)
    slider = visit.page.get_by_role("slider", name="修图前后对比,左边是原图")
    await visit.page.wait_for_function(
        "() => [...document.querySelectorAll('.whole')].every(image => image.naturalWidth > 400)"
    )
    await slider.focus()
    for key, percent in (("End", 100), ("ArrowLeft", 99), ("Home", 0), ("ArrowRight", 1)):
        await visit.page.keyboard.press(key)
        await expect(slider).to_have_attribute("aria-valuetext", f"原图占 {percent}%")
    clip = await visit.page.locator(".pane.before").evaluate("pane => getComputedStyle(pane).clipPath")
    assert clip.startswith("inset(0px 99%")
    assert await visit.page.locator(".record").get_attribute("data-id") == str(visit.someone.ids[1])
    assert visits.complaints == []


async def test_a_layered_file_is_shown_by_its_preview_and_downloaded_itself(history: History, visits: Visits) -> None:
    visit = await visits.of(count=3)
    page, task_id = visit.page, visit.someone.ids[1]
    of_user = f"task-history/{visit.someone.user.user_id}"
    file = f"{of_user}/TASK_20261122_7K3F9Q_1/attempt-1-generated.psd"
    preview = await history.files.get(f"{of_user}/generated.jpg")
    await history.files.put(file, b"8BPS layers", "image/vnd.adobe.photoshop")
    await history.files.put(file.replace("-generated.psd", "-preview.jpg"), preview.data, "image/jpeg")
    await history.run("UPDATE user_task_history SET aws_generated_key = $1 WHERE id = $2", file, task_id)
    await page.locator(f"#t{task_id} .open").click()
    await page.wait_for_selector(f".record[data-id='{task_id}']")
    await page.wait_for_function(
        "() => [...document.querySelectorAll('.whole')].every(image => image.naturalWidth > 400)"
    )
    address = await page.get_by_role("link", name="下载成品").get_attribute("href")
    assert await (await page.context.request.get(f"{visit.url}{address}")).body() == b"8BPS layers"


async def test_the_original_shows_while_a_key_or_the_button_is_held(visits: Visits) -> None:
    page = (await opened(visits)).page
    figure = page.locator(".compare")
    await page.keyboard.down("b")
    assert await figure.locator(".pane.before").evaluate("pane => getComputedStyle(pane).clipPath") == "none"
    await page.keyboard.up("b")
    assert "flipped" not in (await figure.get_attribute("class") or "")
    await page.get_by_role("button", name="按住看原图").hover()
    await page.mouse.down()
    assert "flipped" in (await figure.get_attribute("class") or "")
    await page.mouse.up()
    assert "flipped" not in (await figure.get_attribute("class") or "")


async def test_both_images_stand_side_by_side_and_zoom_in_step(visits: Visits) -> None:
    page = (await opened(visits)).page
    await page.get_by_role("button", name="并排").click()
    before, after = page.locator(".pane.before"), page.locator(".pane.after")
    left, right = await before.bounding_box(), await after.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    await page.get_by_role("button", name="放大").click()
    await page.keyboard.press("+")
    await expect(page.locator(".zoomed")).to_have_text("196%")
    await page.mouse.move(left["x"] + 100, left["y"] + 100)
    await page.mouse.down()
    await page.mouse.move(left["x"] + 140, left["y"] + 120)
    await page.mouse.up()
    moved = {
        await pane.locator(".whole").evaluate("image => getComputedStyle(image).transform") for pane in (before, after)
    }
    assert moved == {"matrix(1.96, 0, 0, 1.96, 40, 20)"}
    await page.keyboard.press("0")
    await expect(page.locator(".zoomed")).to_have_text("100%")


async def test_the_arrow_keys_lead_on_and_closing_leads_to_the_card(visits: Visits) -> None:
    visit = await opened(visits, count=200)
    page, ids = visit.page, visit.someone.ids
    for number in (2, 3, 4):
        await page.keyboard.press("ArrowRight")
        await page.wait_for_selector(f".record[data-id='{ids[number]}']")
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_selector(f".record[data-id='{ids[3]}']")
    await page.keyboard.press("Escape")
    await page.wait_for_function(f"() => {FOCUSED} === '{ids[3]}'")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f".record[data-id='{ids[3]}']")
    await page.go_back()  # as the phone's back button
    await expect(page.locator("#viewer")).to_be_hidden()
    await page.wait_for_function(f"() => {FOCUSED} === '{ids[3]}'")
    await page.locator(f"#t{ids[0]} .open").click()
    await expect(page.get_by_role("button", name="上一条")).to_be_disabled()
    assert visits.complaints == []


async def test_favourites_and_ratings_are_kept(visits: Visits) -> None:
    visit = await opened(visits)
    page, card = visit.page, visit.page.locator(f"#t{visit.someone.ids[1]}")
    await page.locator("#record .favourite").click()
    await expect(page.locator("#record .favourite")).to_have_attribute("aria-pressed", "true")
    await page.get_by_label("4 星").check()
    await page.get_by_label("评语(选填)").fill("很自然 <b>")
    await page.get_by_role("button", name="保存评分").click()
    await expect(page.get_by_text("评分已保存,谢谢")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(card.locator(".favourite")).to_have_attribute("aria-pressed", "true")
    await card.locator(".favourite").click()
    await expect(card.locator(".favourite")).to_have_attribute("aria-pressed", "false")
    await expect(card.locator(".favourite")).to_be_focused()
    await visit.open(f"/history/?at={visit.someone.ids[1]}")
    await card.locator(".open").click()
    await expect(page.get_by_label("4 星")).to_be_checked()
    await expect(page.get_by_label("评语(选填)")).to_have_value("很自然 <b>")
    assert visits.complaints == []


async def test_a_record_that_is_gone_is_explained_in_its_place(visits: Visits) -> None:
    visit = await visits.of(count=3)
    await visit.page.route(
        "**/history/records/*",
        lambda route: route.continue_(url=f"{visit.url}/history/records/{visit.someone.user.user_id}"),
    )
    await visit.page.locator(".open").first.click()
    await expect(visit.page.locator("#record").get_by_role("alert")).to_contain_text("找不到这条记录")


async def test_a_record_has_a_page_of_its_own(visits: Visits) -> None:
    visit = await visits.of(count=4)
    page, ids = visit.page, visit.someone.ids
    await page.goto(f"{visit.url}/history/records/{ids[1]}")
    await page.keyboard.press("ArrowRight")
    await page.wait_for_url(f"**/records/{ids[2]}")
    await expect(page.get_by_text("模型拒绝了这个请求")).to_be_visible()
    await page.get_by_role("link", name="任务记录").click()
    await page.wait_for_selector(READY)
    await page.wait_for_function(f"() => {FOCUSED} === '{ids[2]}'")
