"""The chat page, played from the picture to the mailbox, with the worker killed on the way."""

import asyncio
from hashlib import sha256

import httpx
from playwright.async_api import FilePayload, Locator, Page, ViewportSize, expect

from runtime.paths import ROOT
from tests.browser.test_pages import overflow
from tests.conftest import WholeShop

PHOTOS = ROOT / "demo" / "photos"
DESKTOP = ViewportSize(width=1280, height=900)
SHOTS = ROOT / "test-logs" / "chat"
TIMEOUT_MS = 90_000


async def shot(page: Page, name: str) -> None:
    """Keep what is seen, for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png")


async def say(page: Page, text: str) -> None:
    await page.get_by_label("消息").fill(text)
    await page.get_by_label("消息").press("Enter")


def step(page: Page) -> Locator:
    return page.locator("#steps [aria-current=step]")


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


async def test_what_the_shop_did_not_get_stays_marked_until_it_has_it(page: Page, whole_shop: WholeShop) -> None:
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    await asyncio.to_thread(whole_shop.servers.kill, "gateway")
    try:
        await page.get_by_role("button", name="示例图片").first.click()
        await expect(page.locator(".thumbnail")).to_have_count(1)
        await page.get_by_role("button", name="发送").click()
        await expect(page.get_by_text("发送中")).to_be_visible()
        await expect(page.locator(".line .fault")).to_contain_text("未送达")
        await expect(page.get_by_role("button", name="重试")).to_be_visible()
        await page.reload(wait_until="load")
        await expect(page.locator(".line .fault")).to_contain_text("会自动重发")
        await shot(page, "8-phone-not-delivered")
    finally:
        await asyncio.to_thread(whole_shop.servers.restart, "gateway")
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    await expect(page.locator(".line .fault")).to_have_count(0)
    await expect(page.locator(".me .picture")).to_have_count(1)


async def test_the_page_goes_on_by_itself_when_the_gateway_and_the_simulator_were_away(
    page: Page, whole_shop: WholeShop
) -> None:
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    await page.get_by_role("button", name="示例图片").first.click()
    await expect(page.locator(".thumbnail")).to_have_count(1)
    await say(page, "变清晰一点")
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    for server in ("gateway", "simulators"):
        told = await page.locator("#journal li").count()
        await asyncio.to_thread(whole_shop.servers.kill, server)
        await expect(page.get_by_text("正在重连")).to_be_visible()
        await asyncio.to_thread(whole_shop.servers.restart, server)
        await expect(page.get_by_text("正在重连")).to_be_hidden()
        await expect(page.locator("#journal li")).to_have_count(told)
    await page.get_by_label("付款金额").fill("1")
    await page.get_by_role("button", name="付款").click()
    await page.get_by_text("订单", exact=False).first.click()
    await expect(page.locator("#journal")).to_contain_text("付款1", timeout=TIMEOUT_MS)
    await expect(page.locator("#price")).to_contain_text("还差")
    await page.get_by_role("button", name="付款").click()
    await expect(page.locator(".slider")).to_have_count(1, timeout=TIMEOUT_MS)


async def test_unsent_lines_outlive_a_reload_and_are_sent_by_themselves_once(page: Page, whole_shop: WholeShop) -> None:
    simulators = whole_shop.settings.simulators_url
    await page.goto(f"{simulators}/chat/", wait_until="load")
    await page.route("**/say", lambda route: route.abort())
    await page.locator("#files").set_input_files(PHOTOS / "coffee.jpg")
    await say(page, "变清晰一点")
    await expect(page.locator(".line .fault")).to_contain_text("未送达")
    await say(page, "谢谢")
    await page.get_by_label("消息").type("还没说完")
    await page.reload(wait_until="load")
    await expect(page.locator(".me .bubble")).to_have_text(["变清晰一点", "谢谢"])
    await expect(page.locator(".me .picture img")).to_have_js_property("naturalWidth", 600)
    await expect(page.get_by_label("消息")).to_have_value("还没说完")
    await page.unroute("**/say")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator("#price")).to_contain_text("报价", timeout=TIMEOUT_MS)
    await expect(page.locator(".line .fault")).to_have_count(0)
    customer = page.url.rpartition("/")[2]
    async with httpx.AsyncClient(base_url=simulators or "") as http:
        said = (await http.get("/chat/ledger", params={"customer": customer, "kind": "said"})).json()
        orders = (await http.get("/chat/ledger", params={"customer": customer, "kind": "order"})).json()
    assert ([line["text"] for line in said], len(orders)) == (["变清晰一点", "谢谢"], 1)


DROP = """([bytes, kind]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "cat.jpg", { type: "image/jpeg" }));
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
        : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
}"""


async def test_pictures_are_dropped_and_pasted_and_taken_back(page: Page, whole_shop: WholeShop) -> None:
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    picture = list((PHOTOS / "coffee.jpg").read_bytes())
    for number, kind in enumerate(("drop", "paste"), 1):
        await page.evaluate(DROP, [picture, kind])
        await expect(page.locator(".thumbnail")).to_have_count(number)
    await page.get_by_role("button", name="不发第1张").click()
    await expect(page.locator(".thumbnail")).to_have_count(1)
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".me .picture img")).to_have_count(1)


async def test_a_file_that_is_not_taken_says_what_is_and_offers_no_second_try(
    page: Page, whole_shop: WholeShop
) -> None:
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    gif = FilePayload(name="cat.gif", mimeType="image/gif", buffer=b"GIF89a")
    await page.locator("#files").set_input_files(gif)
    await expect(page.locator("#notice")).to_contain_text("cat.gif 不是 JPEG、PNG 或 WebP 图片")
    await expect(page.locator("#notice")).to_contain_text("30 MB")
    await expect(page.locator(".thumbnail")).to_have_count(0)
    disguised = FilePayload(name="cat.jpg", mimeType="image/jpeg", buffer=b"GIF89a" + b"\0" * 40)
    await page.locator("#files").set_input_files(disguised)
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".line .fault")).to_contain_text("我们收 JPEG、PNG 或 WebP")
    await expect(page.locator(".line .fault")).not_to_contain_text("自动重发")
    await expect(page.get_by_role("button", name="重试")).to_have_count(0)
    await shot(page, "13-refused-file")


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
