"""Each test has a page that knows nothing of the tests before, although all share a window."""

from collections.abc import Mapping

import pytest
from playwright.async_api import Page

STORED = """async () => [
    document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
    (await caches.keys()).length,
]"""
STORE = """async () => {
    document.cookie = "mark=1";
    localStorage.setItem("mark", "1");
    sessionStorage.setItem("mark", "1");
    await caches.open("mark");
    await new Promise((done) => { indexedDB.open("mark").onsuccess = done; });
}"""


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_a_page_finds_nothing_that_an_earlier_one_has_stored(
    page: Page, simulator_settings: Mapping[str, str], turn: str
) -> None:
    await page.goto(f"{simulator_settings['SIMULATORS_URL']}/mailbox/")
    assert await page.evaluate(STORED) == ["", 0, 0, 0, 0]
    await page.evaluate(STORE)
    assert await page.evaluate(STORED) == ["mark=1", 1, 1, 1, 1]
