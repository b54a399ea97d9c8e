"""What people see: the pages of the simulators on a phone, an order in the Temporal Web UI."""

import io
import uuid
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

import httpx
import pytest
from PIL import Image
from playwright.async_api import Locator, Page, ViewportSize, expect
from temporalio.testing import TimeSkipper

from adapters.bot import BotChat
from adapters.mail.smtp import SmtpMail
from adapters.wecom import WeComRobot
from domain.ports import Attachment, Letter
from domain.vocabulary.recipient import Recipient
from domain.vocabulary.status import Status
from tests.conftest import Servers
from tests.shop import FakeShop

TEXT = "亲,图片修好了,您看看满意吗?" * 8
ADDRESS = "https://shop.example/" + "unbroken" * 20
CUSTOMER = "王小姐 @ tb_0123456789_0123456789_0123456789"
PICTURES = {"修好的图 1.png": (900, 1600), "修好的图 2.png": (1600, 900)}  # both larger than a phone
DESKTOP = ViewportSize(width=1280, height=900)


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def picture(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def letter_url(simulator_settings: Mapping[str, str], web: httpx.AsyncClient) -> str:
    """The page of a letter that was sent with pictures."""
    name = uuid.uuid4().hex
    attachments = tuple(Attachment(file, picture(size), "image/png") for file, size in PICTURES.items())
    html = f"<p>{TEXT}</p><p><a href='{ADDRESS}'>下载</a></p>"
    letter = Letter(name, "wang@example.com", "您的图片修好了", TEXT + ADDRESS, html, attachments)
    await SmtpMail(
        simulator_settings["SMTP_HOST"], int(simulator_settings["SMTP_PORT"]), "Darkroom <post@darkroom.example>"
    ).send(letter)
    mailbox = simulator_settings["SIMULATORS_URL"] + "/mailbox"
    sent = (await web.get(f"{mailbox}/ledger", params={"message_id": f"<{name}@darkroom.example>"})).json()
    return f"{mailbox}/letters/{sent[0]['letter']}"


async def measured(element: Locator, name: str) -> int:
    pixels: int = await element.evaluate(f"element => element.{name}")
    return pixels


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    pixels: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return pixels


async def test_a_customers_conversation_is_read_on_a_phone(
    page: Page, complaints: list[str], simulator_settings: Mapping[str, str], web: httpx.AsyncClient, letter_url: str
) -> None:
    chat = BotChat(simulator_settings["BOT_URL"], simulator_settings["BOT_SECRET"], web)
    customer = Recipient(CUSTOMER, "shop-1", "AliWorkbench")
    await chat.send_text(uuid.uuid4().hex, customer, TEXT + ADDRESS)
    await chat.hint(uuid.uuid4().hex, customer, "Ask for the e-mail address.", "发个邮箱给我哈")
    for index in range(len(PICTURES)):
        await chat.send_image(uuid.uuid4().hex, customer, f"{letter_url}/attachments/{index}")

    await page.goto(f"{simulator_settings['BOT_URL']}/conversations/{quote(CUSTOMER)}", wait_until="load")
    bubbles = page.locator(".bubble")
    await expect(bubbles).to_have_text([TEXT + ADDRESS, "发个邮箱给我哈", "", ""])
    for index, (width, height) in enumerate(PICTURES.values(), 2):
        shown = bubbles.nth(index).locator("img")
        assert await measured(shown, "naturalWidth") == width, "the picture did not load"
        shown_width = await measured(shown, "offsetWidth")
        assert shown_width / await measured(shown, "offsetHeight") == pytest.approx(width / height, rel=0.01)
        assert await measured(bubbles.nth(index), "offsetWidth") - shown_width < 15, "the bubble is too wide"
    assert await overflow(page) <= 0
    assert complaints == []


async def test_a_letter_is_read_on_a_phone(page: Page, complaints: list[str], letter_url: str) -> None:
    await page.goto(letter_url, wait_until="load")
    await expect(page.get_by_role("heading")).to_have_text("您的图片修好了")
    body = page.frame_locator("iframe")
    await expect(body.get_by_text(TEXT)).to_be_visible()
    await expect(body.locator("script")).to_have_count(0)
    await page.get_by_text("纯文本").click()
    await expect(page.locator("pre")).to_contain_text(TEXT)
    link = page.get_by_role("link", name="修好的图 1.png")
    async with page.expect_download() as download:
        await link.click()
    assert (await download.value).suggested_filename == "修好的图 1.png"
    assert await overflow(page) <= 0
    assert complaints == []


async def test_what_staff_are_told_is_read_on_a_phone(
    page: Page, complaints: list[str], simulator_settings: Mapping[str, str], web: httpx.AsyncClient
) -> None:
    told = f"**【新订单】** 王小姐\n{TEXT}\n[看订单]({ADDRESS})\n{ADDRESS}"
    await WeComRobot(simulator_settings["WECHAT_WEBHOOK"], web).tell(told)
    await page.goto(simulator_settings["SIMULATORS_URL"], wait_until="load")
    await page.get_by_role("link", name="员工群").click()
    message = page.locator(".bubble").last
    await expect(message).to_have_text(f"【新订单】 王小姐\n{TEXT}\n看订单\n{ADDRESS}")
    await expect(message.locator("strong")).to_have_text("【新订单】")
    assert await message.get_by_role("link", name="看订单").get_attribute("href") == ADDRESS
    assert await overflow(page) <= 0
    assert complaints == []


async def test_an_order_tells_its_story_in_the_temporal_web_ui(
    page: Page, servers: Servers, namespace: str, temporal_env: TimeSkipper
) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order = await shop.order()
        await order.until(lambda o: o.quote)
        await order.signal("payment_received", payment_id="pay-1", amount="18.00")
        await order.reaches(Status.AWAITING_CONFIRM)
        run = (await order.handle.describe()).run_id
        ui = servers.start("temporal")["TEMPORAL_UI_URL"]
        story = f"{ui}/namespaces/{namespace}/workflows/{order.handle.id}/{run}"

        await page.set_viewport_size(DESKTOP)
        await page.goto(f"{story}/user-metadata", wait_until="domcontentloaded")
        details = page.locator("iframe").last.content_frame  # it shows Markdown in frames of its own
        await expect(details.get_by_role("heading", name="待确认")).to_be_visible()
        await expect(details.get_by_text("在等")).to_be_visible()
        await page.goto(f"{story}/timeline", wait_until="domcontentloaded")
        await expect(page.get_by_text("质检").first).to_be_visible()
