"""The chat page, played from the picture to the mailbox, with the worker killed on the way."""

import asyncio
from hashlib import sha256

import httpx
from playwright.async_api import Page, expect

from tests.browser.chat import DESKTOP, PHOTOS, TIMEOUT_MS, say, shot, step
from tests.browser.test_pages import overflow
from tests.conftest import WholeShop


async def test_a_customer_plays_an_order_from_the_pictures_to_the_mailbox(
    page: Page, complaints: list[str], whole_shop: WholeShop
) -> None:
    await page.set_viewport_size(DESKTOP)
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    await shot(page, "1-empty")
    await say(page, "在吗")
    await expect(page.locator(".bubble").last).to_contain_text("把要修的图片发给我看看吧")

    await page.locator("#files").set_input_files([PHOTOS / "chelsea.png", PHOTOS / "coffee.jpg"])
    await expect(page.locator(".thumbnail")).to_have_count(2)
    await say(page, "变清晰一点")
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    await expect(page.locator("#quote-lines tr")).to_have_count(3)
    await expect(page.locator("#quote-lines")).to_contain_text("第2张 变清晰")
    await expect(step(page)).to_contain_text("付款")
    await shot(page, "2-quoted")
    await page.get_by_role("button", name="付款").click()
    await expect(page.locator("#pay")).to_be_hidden()
    await expect(page.locator("#status")).not_to_have_text("待付款", timeout=TIMEOUT_MS)
    await asyncio.to_thread(whole_shop.servers.kill, "worker")
    await asyncio.to_thread(whole_shop.servers.restart, "worker")

    await expect(page.locator("#status")).to_have_text("待确认", timeout=TIMEOUT_MS)
    await expect(page.locator(".slider")).to_have_count(2)
    await expect(page.locator(".caption")).to_have_text(["第1张", "第2张"])
    await expect(page.locator(".bubble", has_text="收到付款啦")).to_have_count(1)
    await expect(step(page)).to_contain_text("看效果")
    await page.locator(".slider input").last.fill("30")
    await shot(page, "3-preview")
    await say(page, "第一张颜色不对,再亮一点")
    await expect(page.get_by_text("好的,重新给你做")).to_be_visible()
    await expect(page.locator("#pictures")).to_contain_text("修改 1 次", timeout=TIMEOUT_MS)
    await expect(page.locator("#status")).to_have_text("待确认", timeout=TIMEOUT_MS)
    address = f"chat-{page.url.rpartition('-')[2]}@example.com"
    await say(page, f"可以了,发到 {address}")
    await expect(page.locator("#status")).to_have_text("已完成", timeout=TIMEOUT_MS)
    await expect(page.get_by_text("发到您邮箱了")).to_be_visible()
    await shot(page, "4-completed")
    assert await overflow(page) <= 0
    await page.reload(wait_until="load")
    await expect(page.locator(".slider")).to_have_count(3)
    await expect(page.locator("#steps .done")).to_have_count(5)
    await page.get_by_role("button", name="再发一遍邮件").click()
    await expect(page.locator(".bubble", has_text="发到您邮箱了")).to_have_count(2, timeout=TIMEOUT_MS)
    await page.get_by_role("button", name="找找我的图").click()
    await expect(page.locator(".bubble", has_text="这些是您的图").locator("img")).to_have_count(2)

    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="打开邮箱").click()
    mailbox = await opened.value
    await expect(mailbox.get_by_role("heading", name=address)).to_be_visible()
    await expect(mailbox.get_by_text("附件 2 个")).to_have_count(2)
    assert complaints == []


async def test_what_the_machine_cannot_make_a_designer_makes(
    page: Page, complaints: list[str], whole_shop: WholeShop
) -> None:
    photo, simulators = PHOTOS / "rocket.jpg", whole_shop.settings.simulators_url
    refused = {"fault": "refused", "kind": "image", "reason": "PROHIBITED_CONTENT"}
    async with httpx.AsyncClient(base_url=simulators or "") as http:
        only_this = {"input_sha256": sha256(photo.read_bytes()).hexdigest()}
        assert (await http.post("/gemini/faults", json=refused | only_this)).is_success
    await page.set_viewport_size(DESKTOP)
    await page.goto(f"{simulators}/chat/", wait_until="load")
    await page.locator("#files").set_input_files(photo)
    await page.get_by_role("button", name="左下角加个对勾").click()
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    await page.get_by_role("button", name="付款").click()
    await expect(page.locator("#status")).to_have_text("转人工处理中", timeout=TIMEOUT_MS)
    await expect(page.get_by_text("好的,已帮您安排设计师处理,请稍候")).to_be_visible()
    await shot(page, "9-with-a-designer")

    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="去当设计师").click()
    desk = await opened.value
    mine = desk.locator("#tasks > *", has_text=await only_task(page))
    await mine.get_by_role("button", name="接单").click()
    await mine.get_by_role("button", name="画一张交稿").click()
    await shot(desk, "10-desk")
    await expect(page.locator(".slider")).to_have_count(1, timeout=TIMEOUT_MS)
    await shot(page, "11-made-by-a-designer")
    await page.get_by_role("button", name="可以了,发链接吧").click()
    await expect(page.get_by_role("link", name="点这里下载")).to_be_visible(timeout=TIMEOUT_MS)
    assert complaints == []


async def test_whether_something_can_be_done_is_asked_without_an_order(page: Page, whole_shop: WholeShop) -> None:
    simulators = whole_shop.settings.simulators_url
    async with httpx.AsyncClient(base_url=simulators or "") as http:
        await page.goto(f"{simulators}/chat/", wait_until="load")
        await page.get_by_role("button", name="示例图片").first.click()
        await expect(page.locator(".thumbnail")).to_have_count(1)
        await say(page, "这个能做吗")
        await expect(page.get_by_text("我帮您问问设计师")).to_be_visible()
        await expect(page.get_by_text("好的,已帮您安排设计师处理,请稍候")).to_be_visible(timeout=TIMEOUT_MS)
        customer = page.url.rpartition("/")[2]
        (asked,) = [task for task in (await http.get("/tuhui/ledger?kind=create")).json() if customer in str(task)]
        assert (await http.post(f"/tuhui/desk/{asked['task_id']}/finish")).is_success
        await expect(page.locator(".line:not(.me) .picture")).to_have_count(1, timeout=TIMEOUT_MS)
    await expect(page.locator("#status")).to_have_text("还没有")


async def test_a_customer_finds_their_own_picture_again_and_a_stranger_does_not(
    page: Page, complaints: list[str], whole_shop: WholeShop
) -> None:
    chat = f"{whole_shop.settings.simulators_url}/chat/"
    await page.set_viewport_size(DESKTOP)
    await page.goto(chat, wait_until="load")
    await page.locator("#files").set_input_files(PHOTOS / "astronaut.jpg")
    await say(page, "变清晰一点")
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    await page.locator("#files").set_input_files(PHOTOS / "astronaut.jpg")
    await say(page, "找找有没有这样的图")
    await expect(page.get_by_text("找到这些,您看看是不是")).to_be_visible(timeout=TIMEOUT_MS)
    picture = page.locator(".line:not(.me) .picture img")
    await expect(picture).to_have_js_property("naturalWidth", 512)
    await shot(page, "12-found")

    await page.goto(chat, wait_until="load")  # somebody else
    await page.locator("#files").set_input_files(PHOTOS / "astronaut.jpg")
    await say(page, "找找有没有这样的图")
    await expect(page.get_by_text("没找到一样的,我帮您问问设计师")).to_be_visible(timeout=TIMEOUT_MS)
    await expect(page.get_by_text("好的,已帮您安排设计师处理,请稍候")).to_be_visible(timeout=TIMEOUT_MS)
    assert complaints == []


async def only_task(page: Page) -> str:
    """The id of the order's first picture, which the description of its dispatch begins with."""
    order = await page.locator("#order").inner_text()
    return f"{order.replace('ORDER', 'TASK')}_1"


async def test_the_chat_fits_a_phone_and_takes_a_sample_by_a_tap(
    page: Page, complaints: list[str], whole_shop: WholeShop
) -> None:
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    await page.get_by_role("button", name="示例图片").first.click()
    await expect(page.locator(".thumbnail")).to_have_count(1)
    await page.get_by_role("button", name="帮我抠图").click()
    await shot(page, "5-phone-chosen")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    assert await overflow(page) <= 0
    await page.get_by_role("button", name="付款").click()
    await expect(page.locator(".slider")).to_have_count(1, timeout=TIMEOUT_MS)
    await shot(page, "6-phone-preview")
    await page.get_by_text("订单", exact=False).first.click()
    await shot(page, "7-phone-panel")
    assert await overflow(page) <= 0
    assert complaints == []


async def test_an_order_is_cancelled_by_its_button_after_a_question(page: Page, whole_shop: WholeShop) -> None:
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    await expect(page.get_by_role("button", name="取消订单")).to_be_hidden()
    await page.get_by_role("button", name="示例图片").first.click()
    await expect(page.locator(".thumbnail")).to_have_count(1)
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    await page.get_by_role("button", name="取消订单").click()
    await page.get_by_role("button", name="先不取消").click()
    await expect(page.locator("#pay")).to_be_visible()
    await page.get_by_role("button", name="取消订单").click()
    await page.get_by_role("button", name="确定取消").click()
    await expect(page.locator("#status")).to_have_text("已取消", timeout=TIMEOUT_MS)
    await expect(page.get_by_text("已经帮您取消这单了")).to_be_visible()
    await page.get_by_role("button", name="我的订单").click()
    await expect(page.locator("#shelf .card")).to_contain_text("已取消")
    await page.locator("#shelf").get_by_role("button", name="关闭").click()
    await page.get_by_role("button", name="我的图片").click()
    await expect(page.locator("#shelf img")).to_have_count(1)
    assert await overflow(page) <= 0
    await page.keyboard.press("Escape")
    await expect(page.locator("#shelf")).to_be_hidden()
