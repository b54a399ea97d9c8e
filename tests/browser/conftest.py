"""A headless Chromium; the screenshot of a test that failed is kept in test-logs/."""

import shutil
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    async_playwright,
    expect,
)

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
TIMEOUT_MS = 60_000  # milliseconds a page gets to show something
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


@pytest.fixture(scope="session")
async def shared_window(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A window as wide as a phone, which an empty tab keeps open: a new window takes three times as long as a tab."""
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN")
    context.set_default_timeout(TIMEOUT_MS)
    await context.new_page()
    yield context
    await context.close()


@pytest.fixture
async def page(shared_window: BrowserContext, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """An empty page as wide as a phone, which knows nothing of the tests before."""
    failed_before = request.session.testsfailed
    page, visited = await shared_window.new_page(), set[str]()

    def note(response: Response) -> None:
        visited.add(response.url)

    shared_window.on("response", note)
    yield page
    if request.session.testsfailed > failed_before:
        await page.screenshot(path=ROOT / "test-logs" / f"{request.node.name}.png", full_page=True)
    shared_window.remove_listener("response", note)
    await forget(shared_window, visited)


async def forget(window: BrowserContext, visited: set[str]) -> None:
    """Close all tabs but the first, and delete everything that their sites have stored."""
    first, *others = window.pages
    for tab in others:
        await tab.close()
    browser = await window.new_cdp_session(first)
    for origin in {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, visited)}:
        await browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    await browser.send("Network.clearBrowserCache")
    await browser.detach()
    await window.clear_cookies()


OF_PLAYWRIGHT = "Blocked script execution in"  # its own script, in a sandboxed frame that is still loading


@pytest.fixture
async def complaints(page: Page) -> list[str]:
    """What the page complains of from now on: errors on its console and of its scripts. Playwright wants a loop."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(OF_PLAYWRIGHT):
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found
