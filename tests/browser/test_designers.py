"""The desk of the simulated designers in a browser: tasks come by themselves, are accepted, and get a picture."""

import io
import uuid
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, ViewportSize, expect

from adapters.tuhui.client import Tuhui

WIDE = ViewportSize(width=1280, height=900)
WORDS = "头发边缘要自然一点,不要像剪刀剪出来的" * 6


def a_file() -> FilePayload:
    out = io.BytesIO()
    Image.radial_gradient("L").save(out, "PNG")
    return FilePayload(name="成品.png", mimeType="image/png", buffer=out.getvalue())


@pytest.fixture
async def tuhui(simulator_settings: Mapping[str, str]) -> AsyncIterator[Tuhui]:
    async with httpx.AsyncClient() as client:
        yield Tuhui(simulator_settings["TUHUI_URL"], simulator_settings["TUHUI_API_KEY"], client)


async def given(tuhui: Tuhui, designer: str, link: str = "") -> str:
    picture = f"\n原图: {link}" if link else ""
    task = await tuhui.create("图片处理-0001", f"订单 {uuid.uuid4().hex}\n要求: {WORDS}{picture}")
    await tuhui.assign(task, designer, "AI 客服自动派单\n三次没过")
    return task


def card(page: Page, task: str) -> Locator:
    return page.locator(f"[data-key='{task}']")


async def overflow(page: Page) -> int:
    pixels: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return pixels


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_designer_accepts_a_task_and_hands_a_picture_in(
    page: Page, complaints: list[str], simulator_settings: Mapping[str, str], tuhui: Tuhui, width: int
) -> None:
    await page.set_viewport_size(ViewportSize(width=width, height=844))
    await page.goto(f"{simulator_settings['SIMULATORS_URL']}/", wait_until="load")
    await page.get_by_role("link", name="设计师工作台").click()
    task = await given(tuhui, "橘子")
    mine = card(page, task)
    await expect(mine.locator(".badge")).to_have_text("待接单")  # it comes by itself
    await expect(mine).to_contain_text("三次没过")
    assert await overflow(page) <= 0
    await mine.get_by_role("button", name="接单").click()
    await expect(mine.locator(".badge")).to_have_text("进行中")

    await mine.locator("input[type=file]").set_input_files(a_file())
    await tuhui.assign(task, "橘子", "客户又说了一句")  # the card changes meanwhile
    await page.wait_for_timeout(2500)
    assert await mine.locator("input[type=file]").evaluate("input => input.files.length") == 1, "the file stays chosen"
    await mine.get_by_role("button", name="交稿", exact=True).click()
    await expect(page.locator("#over").locator(f"[data-key='{task}'] .badge")).to_have_text("已交稿")
    result = card(page, task).get_by_role("img", name="成品")
    await result.scroll_into_view_if_needed()
    await expect(result).to_have_js_property("naturalWidth", 256)
    assert await overflow(page) <= 0
    assert complaints == []


async def test_a_picture_is_drawn_on_demand_and_what_is_none_is_told(
    page: Page, simulator_settings: Mapping[str, str], tuhui: Tuhui
) -> None:
    await page.goto(f"{simulator_settings['TUHUI_URL']}/", wait_until="load")
    mine = card(page, await given(tuhui, "橘子"))
    await mine.get_by_role("button", name="画一张交稿").click()
    await expect(mine.locator(".problem")).to_have_text("任务里没有图片链接,请上传成品")
    await mine.locator("input[type=file]").set_input_files(
        FilePayload(name="a.png", mimeType="image/png", buffer=b"no")
    )
    await mine.get_by_role("button", name="交稿", exact=True).click()
    await expect(mine.locator(".problem")).to_have_text("这不是图片,或者文件坏了")
    await mine.locator("input[type=file]").set_input_files(a_file())
    await mine.get_by_role("button", name="交稿", exact=True).click()
    link = await page.locator("#over img").first.get_attribute("src")

    drawn = await given(tuhui, "橘子", link or "")
    await card(page, drawn).get_by_role("button", name="画一张交稿").click()
    await expect(page.locator("#over").locator(f"[data-key='{drawn}'] .badge")).to_have_text("已交稿")
    assert (await tuhui.task(drawn)).status == "submitted"


async def test_designers_come_and_go_and_work_by_themselves(
    page: Page, complaints: list[str], simulator_settings: Mapping[str, str], tuhui: Tuhui
) -> None:
    await page.set_viewport_size(WIDE)
    await page.goto(f"{simulator_settings['TUHUI_URL']}/", wait_until="load")
    somebody = f"小{uuid.uuid4().hex[:4]}"
    async with httpx.AsyncClient() as http:
        await http.put(f"{simulator_settings['TUHUI_URL']}/designers/{somebody}", json={"online": True})
    theirs = card(page, somebody)
    await expect(theirs).to_contain_text("在线")
    await theirs.get_by_role("button", name="下线").click()
    await expect(theirs).to_contain_text("离线")
    assert somebody not in await tuhui.online()
    await theirs.get_by_role("combobox").select_option("不理会")
    task = await given(tuhui, somebody)
    await expect(card(page, task)).to_contain_text("不会接单")
    await tuhui.cancel(task, "不用做了")
    assert complaints == []
