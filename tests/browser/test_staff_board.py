"""The staff board in a browser: two people of the staff, a keyboard, a phone, and an order that failed."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect
from temporalio.client import Client

from domain.order.messages import (
    EmailProvided,
    OrderRequest,
    PaymentReceived,
    ProcessingResumed,
    RequestedPicture,
    RequirementAdded,
)
from domain.order.order import Order
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from runtime import wiring
from starter import orders
from tests.browser.chat import DESKTOP, PHOTOS, TIMEOUT_MS
from tests.browser.conftest import PHONE
from tests.conftest import WholeShop
from tests.patience import pauses

SERIOUS = {"serious", "critical"}


@dataclass(frozen=True)
class Desk:
    """A shop, its customers' side, and windows of staff."""

    shop: WholeShop
    browser: Browser
    bot: httpx.AsyncClient
    temporal: Client
    windows: list[BrowserContext]

    async def order(self, photo: str, name: str) -> str:
        """Start an order of a photograph, and return its id once it is quoted."""
        data = (PHOTOS / photo).read_bytes()
        key = (await self.bot.post("/api/uploads", files={"file": data})).raise_for_status().json()["image_key"]
        order_id = orders.new_order_id("Asia/Shanghai")
        picture = RequestedPicture(image_key=key, note="左下角加个对勾")
        request = OrderRequest(customer_id=f"tb-{order_id[-6:]}", customer_name=name, acc_id="店", pictures=[picture])
        await orders.start(self.temporal, order_id, request)
        await self.until(order_id, lambda order: order.quote)
        return order_id

    async def until(self, order_id: str, reached: Any) -> None:
        for pause in pauses():
            order = await orders.snapshot(self.temporal, order_id)
            if reached(order) and not order.has_unreported:
                return
            await asyncio.sleep(pause)

    async def page_of(self, name: str, **options: Any) -> Page:
        """A window in which a staff member is signed in."""
        window = await self.browser.new_context(**{"viewport": DESKTOP, "locale": "zh-CN", **options})
        window.set_default_timeout(TIMEOUT_MS)
        self.windows.append(window)
        token = wiring.tokens(self.shop.settings).issue(uuid.uuid4(), "", 1, "staff", name)
        page = await window.new_page()
        await page.goto(f"{self.shop.settings.gateway_url}/staff/session#token={token}")
        await expect(page.locator("#top")).to_contain_text(name)
        return page


@pytest.fixture
async def desk(whole_shop: WholeShop, chromium: Browser) -> AsyncIterator[Desk]:
    settings, windows = whole_shop.settings, list[BrowserContext]()
    temporal = await wiring.temporal(settings).connect()
    headers = {"Authorization": f"Bearer {whole_shop.chat_api_key}"}
    async with httpx.AsyncClient(base_url=settings.gateway_url, headers=headers, timeout=60) as bot:
        yield Desk(whole_shop, chromium, bot, temporal, windows)
    for window in windows:
        await window.close()


async def barred(page: Page) -> list[str]:
    """What axe finds that bars people from the page, and whether it is wider than its window."""
    found: dict[str, Any] = (await Axe().run(page)).response
    faults = [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"] if one["impact"] in SERIOUS
    ]
    wide: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return faults + ([f"{wide} pixels too wide"] if wide > 0 else [])


async def fill(page: Page, action: str, **fields: str) -> None:
    """Open an action, fill its form, and leave it unsent."""
    form = page.locator(f"form[action$='/actions/{action}']")
    await page.locator(".action", has=form).locator("summary").click()
    for name, value in fields.items():
        await form.locator(f"[name={name}]").fill(value)


async def send(page: Page, action: str) -> None:
    await page.locator(f"form[action$='/actions/{action}'] button").first.click()


async def test_two_of_the_staff_bring_a_failed_order_to_its_end(desk: Desk) -> None:
    photo = sha256((PHOTOS / "astronaut.jpg").read_bytes()).hexdigest()
    refused = {"fault": "refused", "kind": "image", "reason": "PROHIBITED_CONTENT", "input_sha256": photo}
    async with httpx.AsyncClient(base_url=desk.shop.settings.simulators_url or "") as simulators:
        assert (await simulators.post("/gemini/faults", json=refused)).is_success
    order_id = await desk.order("astronaut.jpg", "韩梅梅")
    await orders.send(desk.temporal, order_id, "payment_received", PaymentReceived(payment_id=order_id, amount="20.00"))
    await desk.until(order_id, lambda order: order.status is Status.WITH_DESIGNER)
    await desk.temporal.get_workflow_handle(ids.dispatch_id(ids.task_id(order_id, 1))).cancel()
    await desk.until(order_id, lambda order: order.status is Status.FAILED)

    wang, li = await desk.page_of("小王"), await desk.page_of("小李")
    card = wang.locator(".card", has_text=order_id)
    await expect(card).to_contain_text("处理失败的图")
    await expect(card).to_contain_text("没人处理就一直停着")
    await wang.goto(f"{desk.shop.settings.gateway_url}/staff/?need=failed")
    await wang.keyboard.press("j")
    await expect(card.locator(".open")).to_be_focused()
    await wang.keyboard.press("e")
    await expect(wang.locator(".action[open] summary")).to_contain_text("重做")  # the usual answer, with its form
    await li.goto(wang.url.partition("#")[0])
    await expect(wang.locator("#viewers")).to_contain_text("小李 正在看这个订单")
    await expect(li.locator("#viewers")).to_contain_text("小王")
    assert [await barred(page) for page in (wang, li)] == [[], []]

    await fill(li, "retry", reason="再试一次")
    await fill(wang, "transfer", reason="机器做不了")
    await send(wang, "transfer")
    await expect(wang.get_by_role("status").filter(has_text="已操作:转设计师")).to_be_visible()
    await expect(li.locator("#changed")).to_be_visible()  # and what is being typed is still there
    await send(li, "retry")
    await expect(li.get_by_role("alert").filter(has_text="「重做」没有执行")).to_be_visible()
    await expect(li.locator(".timeline .new", has_text="小王操作:转设计师(机器做不了)")).to_be_visible()
    await desk.until(order_id, lambda order: order.status is Status.WITH_DESIGNER)

    await fill(wang, "submit_result", reason="我修好了")
    await wang.locator(".upload input[type=file]").set_input_files(PHOTOS / "README.md")
    await expect(wang.locator(".upload [role=status]")).to_contain_text("没有上传成功")
    await wang.locator(".upload input[type=file]").set_input_files(PHOTOS / "rocket.jpg")
    await expect(wang.locator(".upload [role=status]")).to_have_text("已上传")
    await send(wang, "submit_result")
    await desk.until(order_id, lambda order: order.status is Status.AWAITING_CONFIRM)
    await expect(wang.locator(".head .status")).to_have_text("待确认")  # by itself
    await expect(wang.locator(".compare")).to_have_count(1)
    await orders.send(desk.temporal, order_id, "email_provided", EmailProvided(email=f"{order_id}@example.com"))
    await expect(wang.locator(".head .status")).to_have_text("已完成")
    await wang.goto(f"{desk.shop.settings.gateway_url}/staff/orders?q={order_id}")
    await expect(wang.locator(".card")).to_have_count(1)
    await expect(wang.locator(".card .need")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_held_payment_is_resumed_on_a_phone(desk: Desk, scheme: str) -> None:
    order_id = await desk.order("coffee.jpg", "李雷")
    for version in (2, 3):
        more = RequirementAdded(task_id=ids.task_id(order_id, 1), requirement=f"要求{version}")
        await orders.send(desk.temporal, order_id, "requirement_added", more)
        await desk.until(order_id, partial(is_quoted, version=version))
    await orders.send(desk.temporal, order_id, "payment_received", PaymentReceived(payment_id=order_id, amount="1.00"))
    await desk.until(order_id, lambda order: order.hold)
    page = await desk.page_of("小王", viewport=PHONE, color_scheme=scheme)
    card = page.locator(".card", has_text=order_id)
    await expect(card.locator(".left")).to_be_visible()
    assert await barred(page) == []
    await card.get_by_role("link", name="放行").click()
    await fill_open(page, "老客户,差价不收了")
    assert await barred(page) == []
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="已操作:放行")).to_be_visible()
    await desk.until(order_id, lambda order: order.hold is None)
    english = await desk.page_of("Wang", viewport=PHONE, color_scheme=scheme, locale="en-US")
    for path in ("", "orders", "dashboard", "settings", f"orders/{order_id}"):
        for shown in (page, english):
            await shown.goto(f"{desk.shop.settings.gateway_url}/staff/{path}")
            assert await barred(shown) == []
    await expect(english.locator(".quotes thead th")).to_have_text(
        [re.compile(f"Version {version}") for version in (1, 2, 3)]
    )


def is_quoted(order: Order, version: int) -> bool:
    """Whether this version of the quote is the last one."""
    return bool(order.quote and order.quote.version == version)


async def fill_open(page: Page, reason: str) -> None:
    """Fill the reason of the action whose form is open, and stay in it."""
    await page.locator(".action[open] [name=reason]").fill(reason)


async def test_several_orders_are_resumed_at_once_after_a_look(desk: Desk) -> None:
    names = [await desk.order("coffee.jpg", f"客户{number}") for number in (1, 2)]
    for name in names:
        await orders.send(desk.temporal, name, "payment_received", PaymentReceived(payment_id=name, amount="1.00"))
        await desk.until(name, lambda order: order.hold)
    page = await desk.page_of("小王")
    for name in names:
        await page.locator(".card", has_text=name).get_by_role("checkbox").check()
    assert await barred(page) == []
    await orders.send(desk.temporal, names[1], "processing_resumed", ProcessingResumed(requested_by="staff"))
    await desk.until(names[1], lambda order: order.hold is None)
    await page.locator("#bulk").get_by_role("button", name="放行").click()
    await expect(page.locator("tr", has_text=names[0])).to_contain_text("会执行")
    await expect(page.locator("tr", has_text=names[1])).to_contain_text("现在不需要这个操作")
    assert await barred(page) == []
    await page.locator("[name=reason]").fill("都核对过了")
    await page.keyboard.press("Enter")
    await expect(page.locator("tr", has_text=names[0])).to_contain_text("已执行")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await desk.until(names[0], lambda order: order.hold is None)
