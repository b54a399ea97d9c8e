"""What tests of the chat page share: what a customer does there, and what is kept of what they saw."""

from playwright.async_api import Locator, Page, ViewportSize

from runtime.paths import ROOT

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
