"""The page behind a download link, as a customer's phone and computer show it."""

import io
import re
import uuid
from collections.abc import AsyncIterator, Mapping

import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from domain.vocabulary import ids
from runtime.paths import ROOT
from tests.integration.conftest import Storage, open_files
from tests.integration.gateway.serving import NOWHERE, app_with, served
from tests.integration.gateway.test_gateway import link

FINISHED = "task-history/王小明/TASK_20261122_7K3F9Q_1/attempt-1-generated.png"
NAME = "ORDER_20261122_7K3F9Q_1.png"
DEAD = "/d/nonsense/1.png"
ENOUGH = 4.5  # contrast of text, by WCAG AA

# The contrast of an element's text to what lies behind it, as WCAG 2 counts it.
CONTRAST = """element => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => channels(colour).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = element;
  while (channels(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(light);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.fixture(scope="module")
async def gateway_url(storage_settings: Mapping[str, str]) -> AsyncIterator[str]:
    """A gateway with a finished file and its preview in storage."""
    storage = Storage(
        endpoint_url=storage_settings["S3_ENDPOINT_URL"],
        bucket=f"test-{uuid.uuid4().hex[:8]}",
        region="us-east-1",
        access_key_id=storage_settings["AWS_ACCESS_KEY_ID"],
        secret_access_key=storage_settings["AWS_SECRET_ACCESS_KEY"],
    )
    out = io.BytesIO()
    with Image.open(ROOT / "demo" / "photos" / "chelsea.png") as photo:
        photo.convert("RGB").save(out, "JPEG")
    files = open_files(storage)
    await files.put(FINISHED, b"p" * 2_345_678, "image/png")
    await files.put(ids.preview_of(FINISHED), out.getvalue(), "image/jpeg")
    settings = {
        "s3_endpoint_url": storage.endpoint_url,
        "s3_bucket_name": storage.bucket,
        "aws_access_key_id": storage.access_key_id,
        "aws_secret_access_key": storage.secret_access_key,
    }
    with served(app_with(**NOWHERE | settings)) as url:
        yield url


async def test_the_button_saves_the_file_under_its_name(gateway_url: str, page: Page, complaints: list[str]) -> None:
    await page.goto(gateway_url + link(FINISHED, NAME))
    await page.wait_for_function("document.querySelector('img').naturalWidth > 100")
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="下载原图").click()
    saved = await saving.value
    assert saved.suggested_filename == NAME
    assert (await saved.path()).stat().st_size == 2_345_678
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [link(FINISHED, NAME), DEAD])
async def test_every_text_can_be_read_by_day_and_by_night(gateway_url: str, page: Page, path: str, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(gateway_url + path)
    for element in await page.locator("h1, p, button").all():
        assert await element.evaluate(CONTRAST) >= ENOUGH, await element.inner_text()


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_it_fits_every_screen(gateway_url: str, page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 640})
    for path in (link(FINISHED, NAME), DEAD):
        await page.goto(gateway_url + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_an_english_browser_reads_english(gateway_url: str, chromium: Browser) -> None:
    context = await chromium.new_context(locale="en-GB")
    page = await context.new_page()
    await page.goto(gateway_url + link(FINISHED, NAME))
    button = page.get_by_role("button", name="Download the original")
    assert await button.is_visible()
    assert not re.search(r"[\u4e00-\u9fff]", await page.inner_text("main"))
    await context.close()
