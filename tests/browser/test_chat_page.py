"""What the chat page shows of what it is told: a conversation and an order that a test makes up, in light and dark."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, ViewportSize, expect

from runtime.paths import ROOT
from tests.browser.test_pages import overflow

NOW = datetime.now(UTC)
TASKS = ["TASK_20261130_7K3F9Q_1", "TASK_20261130_7K3F9Q_2"]
PHOTO = "../chat/samples/coffee.jpg"
SHOTS = ROOT / "test-logs" / "chat"


def line(number: int, text: str = "", *, by: str = "shop", at: datetime = NOW, **facts: Any) -> dict[str, Any]:
    kind = "said" if by == "me" else "text"
    state = {"state": "arrived"} if by == "me" else {}
    return (
        {"id": f"l{number}", "at": at.isoformat(), "by": by, "kind": kind, "text": text, "pictures": []} | state | facts
    )


def order(status: str = "pending", *, paid: str = "0.00", pictures: int = 2, **facts: Any) -> dict[str, Any]:
    factors = ["这张比较简单(变清晰): 10-15", "simple picture"]
    lines = [{"task_id": task, "minimum": "10.00", "maximum": "15.00", "factors": factors} for task in TASKS[:pictures]]
    ends = {"minimum": f"{10 * pictures}.00", "maximum": f"{15 * pictures}.00"}
    shown = {"operation": "enhance", "score": None, "retries": 0, "revisions": 0, "error": None, "label": status}
    return {
        "order_id": "ORDER_20261130_7K3F9Q",
        "status": status,
        "label": status,
        "waits_for": "客户付款",
        "amount_paid": paid,
        "email_status": "",
        "workflow_url": "http://127.0.0.1/x",
        "quote": {"version": 1, "fixed": False, "lines": lines, **ends},
        "pictures": [
            shown | {"task_id": task, "number": number, "status": status}
            for number, task in enumerate(TASKS[:pictures], 1)
        ],
    } | facts


async def told(page: Page, simulator_settings: Mapping[str, str], *events: tuple[str, Any]) -> None:
    """Open the page, and tell it these events."""
    body = "retry: 600000\n\n" + "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/event-stream", body=body)

    await page.route("**/stream", answer)
    await page.goto(f"{simulator_settings['SIMULATORS_URL']}/chat/guest-page", wait_until="load")
    await expect(page.locator("#empty")).to_be_hidden()


def conversation(*lines: dict[str, Any]) -> tuple[str, Any]:
    return "conversation", {"lines": list(lines), "address": None}


async def test_days_stand_between_lines_of_different_days(page: Page, simulator_settings: Mapping[str, str]) -> None:
    old = datetime(NOW.year - 1, 11, 28, 12, tzinfo=UTC)
    lines = [line(1, "一", at=old), line(2, "二", at=NOW - timedelta(days=1)), line(3, "三"), line(4, "四")]
    await page.clock.set_fixed_time(NOW)  # midnight may pass meanwhile
    await told(page, simulator_settings, conversation(*lines))
    await expect(page.locator(".day")).to_have_text([f"{NOW.year - 1}年11月28日", "昨天", "今天"])


@pytest.mark.parametrize(
    ("status", "done", "now"),
    [
        ("pending", 1, "付款"), ("paid", 2, "制作"), ("processing", 2, "制作"), ("with_designer", 2, "制作"),
        ("failed", 2, "制作"), ("awaiting_confirm", 3, "看效果"), ("revision", 3, "看效果"), ("completed", 5, None),
        ("cancelled", 0, None), ("declined", 0, None), ("expired", 0, None),
    ],
)  # fmt: skip
async def test_the_steps_say_where_an_order_stands(
    page: Page, simulator_settings: Mapping[str, str], status: str, done: int, now: str | None
) -> None:
    await told(page, simulator_settings, conversation(line(1, "嗯")), ("order", order(status)))
    await expect(page.locator("#steps li")).to_have_count(5)
    await expect(page.locator("#steps .done")).to_have_count(done)
    current = page.locator("#steps [aria-current=step]")
    await (expect(current).to_contain_text(now) if now else expect(current).to_have_count(0))
    is_over = status in {"completed", "cancelled", "declined", "expired"}
    await expect(page.locator("#cancel")).to_be_visible(visible=not is_over)


async def test_a_quote_has_a_row_for_each_picture_and_what_it_is_made_of(
    page: Page, simulator_settings: Mapping[str, str]
) -> None:
    await told(page, simulator_settings, conversation(line(1, "嗯")), ("order", order()))
    await expect(page.locator("#price")).to_have_text("报价 ¥20.00–30.00")
    rows = page.locator("#quote-lines tr")
    await expect(rows.nth(1)).to_contain_text("第2张 变清晰")
    await expect(rows.nth(1)).to_contain_text("这张比较简单")
    await expect(rows.nth(1)).not_to_contain_text("simple picture")
    await expect(rows.last).to_contain_text("¥20.00–30.00")
    await expect(page.get_by_label("付款金额")).to_have_value("20.00")


PROGRESS = {
    "pictures": [
        {"task_id": TASKS[0], "number": 1, "step": "making", "percent": 42, "seconds_left": 75},
        {"task_id": TASKS[1], "number": 2, "step": "queued", "percent": 0, "seconds_left": None},
    ],
    "ahead": 3,
}


async def test_the_work_shows_percent_time_left_and_place_in_the_queue(
    page: Page, simulator_settings: Mapping[str, str]
) -> None:
    await told(
        page, simulator_settings, conversation(line(1, "嗯")), ("order", order("processing")), ("progress", PROGRESS)
    )
    await expect(page.locator(".work").first).to_contain_text("第1张 正在做 42%,还要约 2 分钟")
    await expect(page.locator(".work").last).to_contain_text("第2张 排队中,前面约 3 步")
    await expect(page.locator("progress").first).to_have_js_property("value", 42)


async def test_the_work_is_gone_once_the_order_goes_on(page: Page, simulator_settings: Mapping[str, str]) -> None:
    await told(
        page, simulator_settings, conversation(line(1, "嗯")), ("progress", PROGRESS), ("order", order("revision"))
    )
    await expect(page.locator("#steps")).to_be_visible()
    await expect(page.locator("#progress")).to_be_hidden()


async def test_the_shop_is_seen_typing_while_a_line_is_on_its_way_or_a_price_is_made(
    page: Page, simulator_settings: Mapping[str, str]
) -> None:
    mine = line(2, "变清晰一点", by="me", state="sending", at=datetime.now(UTC))  # a shop does not type for minutes
    await told(page, simulator_settings, conversation(line(1, "您好"), mine))
    await expect(page.locator("#typing")).to_be_visible()
    await page.unroute("**/stream")
    await told(page, simulator_settings, conversation(mine | {"state": "arrived"}), ("order", order(quote=None)))
    await expect(page.locator("#typing")).to_be_visible()
    await page.unroute("**/stream")
    await told(page, simulator_settings, conversation(mine | {"state": "arrived"}), ("order", order()))
    await expect(page.locator("#pay")).to_be_visible()
    await expect(page.locator("#typing")).to_be_hidden()


SPOKEN = """() => { window.spoken = []; new MutationObserver((changes) => changes.forEach((change) =>
    change.addedNodes.forEach((node) => {
        if (!node.closest) return;
        const alerts = [...node.querySelectorAll("[role=alert]")];
        const isLive = node.closest("[aria-live]")?.getAttribute("aria-live") === "polite";
        if (isLive) window.spoken.push(node.querySelector(".bubble")?.innerText ?? node.innerText);
        alerts.forEach((one) => window.spoken.push(one.innerText));
    }))
).observe(document.getElementById("lines"), { childList: true, subtree: true }); }"""


async def test_each_new_line_is_spoken_once_and_old_ones_are_not(
    page: Page, simulator_settings: Mapping[str, str]
) -> None:
    """As screen readers do: what is added to a live region, and alerts."""
    await page.add_init_script(f"addEventListener('DOMContentLoaded', {SPOKEN})")
    old, mine = line(1, "旧的"), line(2, "在吗", by="me", state="sending")
    sent, new = mine | {"state": "arrived"}, [line(3, "新的"), line(4, caption="第2张", pictures=[picture()])]
    both = [new[0], new[1] | {"pictures": [picture(PHOTO)]}]
    failed = mine | {"state": "failed", "error": "连不上", "is_final": False}
    steps = [[old], [old, mine], [old, sent], [old, sent, *new], [old, sent, *both], [old, failed, *both]]
    again = [[old, mine, *both], [old, failed, *both], [old, sent, *both]]
    await scripted(page, simulator_settings, [conversation(*lines) for lines in (*steps, *again)])
    assert await page.evaluate("window.spoken.map(one => one.trim())") == [
        "新的",
        "第2张",
        "未送达:连不上,会自动重发 重试",
    ]
    live = await page.locator("[aria-live], [role=alert], [role=status], [role=log]").evaluate_all(
        "all => all.filter(one => one.getAttribute('aria-live') !== 'off').map(one => one.id)"
    )
    assert set(live) == {"lines", "away", "notice"}, "and no other region speaks lines"


def picture(original: str | None = None) -> dict[str, str | None]:
    return {"url": PHOTO, "original": original}


async def scripted(page: Page, simulator_settings: Mapping[str, str], events: list[tuple[str, Any]]) -> None:
    """Tell the page one event after another, each once the page has drawn what it knows."""
    await page.add_init_script("""window.EventSource = class extends EventTarget {
        constructor() { super(); window.source = this; }
    }""")
    await page.goto(f"{simulator_settings['SIMULATORS_URL']}/chat/guest-page", wait_until="load")
    for name, data in events:
        await page.evaluate(
            "([name, data]) => window.source.dispatchEvent(new MessageEvent(name, { data }))", [name, json.dumps(data)]
        )
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def test_links_of_several_files_bear_their_names(page: Page, simulator_settings: Mapping[str, str]) -> None:
    text = "点这里下载原图就行:\n1.png(340 KB):http://shop/d/1\n2.psd(23.4 MB):http://shop/d/2"
    await told(page, simulator_settings, conversation(line(1, text), line(2, "给您:http://shop/d/3")))
    links = page.locator(".bubble a")
    await expect(links).to_have_text(["下载 1.png(340 KB)", "下载 2.psd(23.4 MB)", "点这里下载"])
    await expect(links.nth(1)).to_have_attribute("href", "http://shop/d/2")


def everything() -> list[tuple[str, Any]]:
    """A conversation with whatever may stand in it."""
    long = "https://shop.example/" + "unbroken" * 30
    pair: dict[str, Any] = {"pictures": [{"url": PHOTO, "original": PHOTO}], "caption": "第1张"}
    failed: dict[str, Any] = {"by": "me", "state": "failed", "error": "图片太大了" * 10, "is_final": False}
    lines = [
        line(1, "很长" * 60 + "unbroken" * 20, by="me", at=NOW - timedelta(days=1)), line(2, long), line(3, **pair),
        line(4, "没送到", **failed), line(5, "付款 ¥20.00", by="me", kind="payment"),
    ]  # fmt: skip
    quoted = order(pictures=2, waits_for="店里放行看图:" + "unbroken" * 10)
    return [conversation(*lines), ("order", quoted), ("progress", PROGRESS), ("gateway", {"there": False})]


NARROW = [
    ViewportSize(width=320, height=640),
    ViewportSize(width=320, height=256),
    ViewportSize(width=1280, height=700),
]


@pytest.mark.parametrize("window", NARROW, ids=["small phone", "400 %", "desktop"])
async def test_nothing_is_wider_than_the_window(
    page: Page, simulator_settings: Mapping[str, str], window: ViewportSize
) -> None:
    await page.set_viewport_size(window)
    await told(page, simulator_settings, *everything())
    await expect(page.locator("#pay")).to_be_visible()
    assert await overflow(page) <= 0
    wider = "all => all.filter(one => one.getBoundingClientRect().right > innerWidth + 1).length"
    assert await page.locator("main :not(#chips *, .unseen, .unseen *)").evaluate_all(wider) == 0
    await page.get_by_role("button", name="全屏对比").click()
    await expect(page.locator("#large .slider")).to_be_visible()
    box = await page.locator("#large .slider").bounding_box()
    assert box
    assert box["width"] <= window["width"]
    assert box["height"] <= window["height"]
    await page.locator("#large input").fill("10")
    await page.keyboard.press("Escape")
    await expect(page.locator("#large")).to_be_hidden()


CONTRAST = """() => {
    const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((one) => one / 255).map((one) =>
        one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4).reduce((sum, one, place) =>
        sum + one * [0.2126, 0.7152, 0.0722][place], 0);
    const ground = (element) => {
        for (let one = element; one; one = one.parentElement) {
            const colour = parse(getComputedStyle(one).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    };
    const poor = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
        if (element.closest(".unseen, script, style, option, #steps.over")) continue;
        const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${walker.currentNode.textContent.trim().slice(0, 20)}`);
    }
    return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_of_every_page_stands_out_in_light_and_dark(
    chromium: Browser, simulator_settings: Mapping[str, str], scheme: Any
) -> None:
    context = await chromium.new_context(color_scheme=scheme, viewport={"width": 900, "height": 900})
    page = await context.new_page()
    await told(page, simulator_settings, *everything())
    await expect(page.locator("#pay")).to_be_visible()
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"page-{scheme}.png")
    poor = {"chat": await page.evaluate(CONTRAST)}
    for path in ("", "mailbox/", "wecom/", "tuhui/", "bot/"):
        await page.goto(f"{simulator_settings['SIMULATORS_URL']}/{path}", wait_until="load")
        poor[path] = await page.evaluate(CONTRAST)
    await context.close()
    assert {name: words for name, words in poor.items() if words} == {}
