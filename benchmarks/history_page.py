"""The page 任务记录 with 10,000 records in Chromium: when it is first painted, and its longest task while scrolling."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from benchmarks import figures
from benchmarks.figures import Figure
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import servers, settings_of
from demo.seeding.seed import seed
from stack.demo_user import DEMO_USER

SERVERS = ("postgres", "temporal", "storage", "migrations", "gateway")
PAINT_MS, TASK_MS = 1000.0, 50.0
TRACED = ["disabled-by-default-devtools.timeline", "__metadata"]
READY = "html[data-ready]"
WHEEL, STEPS, PAUSE_MS = 1100, 30, 30  # pixels, turns and milliseconds between them
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class ChromiumMissing(RuntimeError):
    """This machine has no Chromium."""


async def measure(size: Scale) -> list[Figure]:
    """Return the figures of the page."""
    tell(f"history_page: inserting {size.listed:,} records of several users")
    async with _page_address(size.listed) as address, _chromium() as browser:
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        await (await context.new_page()).goto(address)  # signs in
        paints, tasks = [], []
        for _ in range(size.rounds):
            paint, task = await _visit(browser, context, address.partition("#")[0])
            paints.append(paint)
            tasks.append(task)
    return [
        Figure("task history page, first paint", figures.middle(paints), "ms", PAINT_MS),
        Figure("task history page, longest task while scrolling, CPU time", figures.middle(tasks), "ms", TASK_MS),
    ]


async def _visit(browser: Browser, context: BrowserContext, address: str) -> tuple[float, float]:
    page = await context.new_page()
    await page.goto(address)
    await page.wait_for_selector(READY)
    paint: float = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    await browser.start_tracing(page=page, categories=TRACED)
    await _scroll(page)
    task = longest_task(json.loads(await browser.stop_tracing()))
    await page.close()
    return paint, task


async def _scroll(page: Page) -> None:
    for _ in range(STEPS):
        await page.mouse.wheel(0, WHEEL)
        await page.wait_for_timeout(PAUSE_MS)  # as a hand does it
    for part in (0.3, 0.8, 0.55):
        await page.evaluate(f"scrollTo(0, document.documentElement.scrollHeight * {part})")
        await page.wait_for_timeout(10 * PAUSE_MS)


def longest_task(trace: dict[str, list[dict[str, Any]]]) -> float:
    """Return the longest task of the page's main thread, in milliseconds of its own CPU time: machines are shared."""
    events = trace["traceEvents"]
    named = [event for event in events if event["name"] == "thread_name"]
    main = {(event["pid"], event["tid"]) for event in named if event["args"]["name"] == "CrRendererMain"}
    tasks = [event for event in events if event["name"] == "RunTask" and (event["pid"], event["tid"]) in main]
    return max(float(event.get("tdur", 0)) for event in tasks) / 1000


@asynccontextmanager
async def _page_address(records: int) -> AsyncIterator[str]:
    """Run a gateway with records, and provide the address that signs their user in."""
    async with servers(*SERVERS) as stack:
        await seed(settings_of(stack), DEMO_USER, records)
        yield stack.addresses["Task history"]


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    if not program:
        raise ChromiumMissing("on Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


BENCHMARK = Benchmark("history_page", measure, minutes=10)

if __name__ == "__main__":
    run(BENCHMARK)
