"""What a customer sends from the chat page: chosen, dropped, refused, and not lost while the shop is away."""

import asyncio

import httpx
from playwright.async_api import FilePayload, Page, Route, expect

from tests.browser.chat import PHOTOS, TIMEOUT_MS, say, shot
from tests.conftest import WholeShop


async def test_what_the_shop_did_not_get_stays_marked_until_it_has_it(page: Page, whole_shop: WholeShop) -> None:
    await page.goto(f"{whole_shop.settings.simulators_url}/chat/", wait_until="load")
    await asyncio.to_thread(whole_shop.servers.kill, "gateway")
    try:
        await page.get_by_role("button", name="示例图片").first.click()
        await expect(page.locator(".thumbnail")).to_have_count(1)
        may_go = asyncio.Event()
        await page.route("**/say", lambda route: go_on(route, may_go))
        await page.get_by_role("button", name="发送").click()
        await expect(page.get_by_text("发送中")).to_be_visible()
        may_go.set()
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


async def go_on(route: Route, may_go: asyncio.Event) -> None:
    await may_go.wait()
    await route.continue_()


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


CLOCK_GOES_BACK = """(() => {
    const Usual = Date;
    let now = Usual.now();
    Date = class extends Usual { constructor(...given) { given.length ? super(...given) : super(now -= 1000); } };
})()"""


async def test_unsent_lines_outlive_a_reload_and_are_sent_by_themselves_once(page: Page, whole_shop: WholeShop) -> None:
    """In their order, even if the customer's clock is set back between them."""
    simulators = whole_shop.settings.simulators_url
    await page.add_init_script(CLOCK_GOES_BACK)
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
    pdf = FilePayload(name="cat.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7")
    await page.locator("#files").set_input_files(pdf)
    await expect(page.locator("#notice")).to_contain_text("cat.pdf 不是 JPEG、PNG 或 WebP 图片")
    await expect(page.locator("#notice")).to_contain_text("30 MB")
    await expect(page.locator(".thumbnail")).to_have_count(0)
    disguised = FilePayload(name="cat.jpg", mimeType="image/jpeg", buffer=b"%PDF-1.7" + b"\0" * 40)
    await page.locator("#files").set_input_files(disguised)
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".line .fault")).to_contain_text("请把要做的那一页另存为图片")
    await expect(page.locator(".line .fault")).not_to_contain_text("自动重发")
    await expect(page.get_by_role("button", name="重试")).to_have_count(0)
    await shot(page, "13-refused-file")
