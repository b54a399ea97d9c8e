"""The page 任务记录 with 10,000 records in Chromium: when it is first painted, and its longest task while scrolling."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from benchmarks import figures
from benchmarks.figures import Figure
from demo.seeding.seed import seed
from runtime.settings import Settings
from stack.demo_user import DEMO_USER
from stack.plan import StackOptions
from stack.up import Stack

SERVERS = ("postgres", "temporal", "storage", "migrations", "gateway")
RECORDS = 15_000  # of several users: one of them has a little over 10,000, as many as the list holds
ROUNDS = 5
PAINT_MS, TASK_MS = 1000.0, 50.0
TRACED = ["disabled-by-default-devtools.timeline", "__metadata"]
READY = "html[data-ready]"
WHEEL, STEPS, PAUSE_MS = 1100, 30, 30  # pixels, turns and milliseconds between them
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


async def measure() -> list[Figure]:
    """Return the figures of the page."""
    print(f"putting {RECORDS:,} records in ...", flush=True)
    async with _page_address() as address, _chromium() as browser:
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        await (await context.new_page()).goto(address)  # signs in
        paints, tasks = [], []
        for _ in range(ROUNDS):
            paint, task = await _visit(browser, context, address.partition("#")[0])
            paints.append(paint)
            tasks.append(task)
    return [
        Figure("first paint of 10,000 records", figures.middle(paints), "ms", PAINT_MS),
        Figure("longest task while they scroll, of CPU time", figures.middle(tasks), "ms", TASK_MS),
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
async def _page_address() -> AsyncIterator[str]:
    """A gateway with records, and the address that signs their user in."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        options = StackOptions(SERVERS, usual_ports=False)
        async with Stack(Path(folder) / "stack", options, user=Settings.model_construct()) as stack:
            values: dict[str, Any] = {name.lower(): value for name, value in stack.env.items()}
            await seed(Settings(_env_file=None, **values), DEMO_USER, RECORDS)
            yield stack.addresses["Task history"]


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    if not program:
        sys.exit("there is no chromium on this machine; on Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


def main() -> None:
    """Measure, and tell."""
    measured = asyncio.run(measure())
    for figure in measured:
        print(figure.words)
    figures.end(measured)


if __name__ == "__main__":
    main()
