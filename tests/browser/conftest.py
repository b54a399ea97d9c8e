"""A headless Chromium; the screenshot of a test that failed is kept in test-logs/."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from runtime.paths import ROOT

ARGUMENTS = [
    "--no-sandbox",  # in a container Chromium has no right to a sandbox; it opens our own pages only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 30_000  # milliseconds a page gets to show something
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The Chromium of this machine: Playwright's own is a download that no package registry has."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("there is no chromium on this machine; on Debian: apt-get install chromium")
    expect.set_options(timeout=TIMEOUT_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """An empty page as wide as a phone, which knows nothing of the tests before."""
    failed_before = request.session.testsfailed
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN")
    context.set_default_timeout(TIMEOUT_MS)
    page = await context.new_page()
    yield page
    if request.session.testsfailed > failed_before:
        await page.screenshot(path=ROOT / "test-logs" / f"{request.node.name}.png", full_page=True)
    await context.close()


@pytest.fixture
async def complaints(page: Page) -> list[str]:
    """What the page complains of from now on: errors on its console and of its scripts. Playwright wants a loop."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found
