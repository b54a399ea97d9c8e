"""Download links: a small page with a button for a finished file, and a page that says why a link leads nowhere."""

import asyncio
import re
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest
from fastapi.testclient import TestClient
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper

from domain.texts.catalogue import TEXTS
from domain.vocabulary import ids
from domain.vocabulary.errors import OutsideUnavailable
from domain.vocabulary.status import Status
from gateway.temporal import Temporal
from starter import orders
from starter.client import CONVERTER
from tests.integration.conftest import Storage, open_files
from tests.integration.gateway.serving import NOWHERE, app_with, served
from tests.integration.gateway.test_gateway import link
from tests.shop import FakeShop

FINISHED = "task-history/王小明/TASK_20261122_7K3F9Q_2/attempt-3-generated.png"
NAME = "ORDER_20261122_7K3F9Q_2.png"
A_LINK = link(FINISHED, NAME)
BROWSER = {"accept": "text/html,application/xhtml+xml,image/avif,*/*;q=0.8"}


@pytest.fixture
async def finished(storage: Storage) -> str:
    """The key of a finished file in storage, beside its preview."""
    files = open_files(storage)
    await files.put(FINISHED, b"p" * 1_234_567, "image/png")
    await files.put(ids.preview_of(FINISHED), b"a preview", "image/jpeg")
    return FINISHED


@pytest.fixture
def client(settings: dict[str, Any], namespace: str) -> Iterator[TestClient]:
    """A gateway whose orders live in this module's namespace."""
    with TestClient(app_with(**settings, temporal_namespace=namespace), follow_redirects=False) as client:
        yield client


@pytest.fixture
async def listening(temporal_env: TimeSkipper) -> WorkflowHandle[Any, Any]:
    """An order that no worker works on: whatever it is sent stands in its history."""
    workflow_id = ids.workflow_id(orders.new_order_id("Asia/Shanghai"))
    return await temporal_env.client.start_workflow("OrderWorkflow", id=workflow_id, task_queue=uuid.uuid4().hex)


async def stored_for(order: WorkflowHandle[Any, Any], storage: Storage, name: str) -> str:
    key = f"{ids.folder('王小明', ids.task_id(ids.order_of(order.id), 2))}/{name}"
    await open_files(storage).put(key, b"a picture", "image/png")
    return key


async def heard(order: WorkflowHandle[Any, Any]) -> list[tuple[str, Any]]:
    """The signals that an order was sent."""
    history = await order.fetch_history()
    signals = [
        event.workflow_execution_signaled_event_attributes
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    return [(sent.signal_name, (await CONVERTER.decode(sent.input.payloads))[0]) for sent in signals]


def policy_of(answer: httpx2.Response) -> dict[str, list[str]]:
    directives = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {name: values for name, *values in directives}


def test_a_link_to_a_finished_file_shows_its_name_its_size_a_preview_and_a_button(
    client: TestClient, finished: str
) -> None:
    page = client.get(A_LINK, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"<h1>{NAME}</h1>" in page.text
    assert "PNG · 1.2 MB" in page.text
    assert '<form method="post"><button>下载原图</button></form>' in page.text
    preview = re.search(r'<img src="([^"]+)"', page.text)
    assert preview
    assert httpx.get(preview[1].replace("&amp;", "&")).content == b"a preview"


def test_the_page_loads_nothing_but_the_preview(client: TestClient, finished: str) -> None:
    page = client.get(A_LINK, headers=BROWSER)
    storage = re.match(r"https?://[^/]+", client.post(A_LINK).headers["location"])
    assert storage
    policy = policy_of(page)
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["img-src"] == ["data:", storage[0]]
    assert policy["form-action"] == ["'self'", storage[0]]
    assert all(value.startswith("'sha256-") for value in policy["style-src"])
    assert "script" not in page.text


@pytest.mark.parametrize(
    ("liked", "language"),
    [
        (None, "zh"), ("", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,en;q=0.3", "en"), ("fr", "zh"), ("en;q=0.1,zh-TW;q=0.5", "zh"), ("en;q=x", "en"), (";;,=,\xff", "zh"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_dead", [False, True])
def test_pages_speak_the_readers_language(
    client: TestClient, finished: str, liked: str | None, language: str, is_dead: bool
) -> None:
    headers = {} if liked is None else {"accept-language": liked.encode("latin-1")}
    page = client.get("/d/nonsense/1.png" if is_dead else A_LINK, headers=headers)  # type: ignore[arg-type] # httpx takes bytes
    assert TEXTS[language].text("page.gone" if is_dead else "page.download") in page.text  # type: ignore[index] # one of two
    assert f'<html lang="{language}' in page.text


def test_a_name_that_is_html_is_shown_as_it_is(client: TestClient, finished: str) -> None:
    page = client.get(link(FINISHED, "<img onerror=alert(1)>$name.png"), headers=BROWSER)
    assert "&lt;img onerror=alert(1)&gt;$name.png" in page.text


def test_the_button_leads_to_the_file_under_its_name(client: TestClient, finished: str) -> None:
    answer = client.post(A_LINK)
    assert answer.status_code == 303
    file = httpx.get(answer.headers["location"])
    assert len(file.content) == 1_234_567
    assert file.headers["content-disposition"] == f"attachment; filename*=UTF-8''{NAME}"


def test_a_page_that_shows_the_link_as_a_picture_gets_the_preview(client: TestClient, finished: str) -> None:
    answer = client.get(A_LINK, headers={"accept": "image/avif,image/webp,*/*;q=0.8"})
    assert answer.status_code == 307
    assert httpx.get(answer.headers["location"]).content == b"a preview"


LOOKS: list[tuple[str, dict[str, str]]] = [
    ("GET", BROWSER),
    ("HEAD", BROWSER),
    ("GET", {"accept": "*/*", "user-agent": "curl/8.5"}),
    ("GET", {"accept": "image/*"}),
    ("GET", {"accept": "application/json"}),
    ("GET", {"user-agent": "WeChat Link Preview", "range": "bytes=0-1023"}),
    ("GET", {"sec-purpose": "prefetch", **BROWSER}),
    ("PUT", {}),
    ("DELETE", {}),
    ("OPTIONS", {}),
]


@pytest.mark.parametrize(("method", "headers"), LOOKS)
async def test_whoever_only_looks_completes_nothing(
    client: TestClient, listening: WorkflowHandle[Any, Any], storage: Storage, method: str, headers: dict[str, str]
) -> None:
    key = await stored_for(listening, storage, "attempt-3-generated.png")
    assert client.request(method, link(key, "1.png"), headers=headers).status_code in {200, 307, 405}
    assert await heard(listening) == []


@pytest.mark.parametrize("name", ["attempt-3-preview.jpg", "attempt-3-view.png", "original.png"])
async def test_what_is_no_finished_file_is_sent_at_once_and_no_order_hears(
    client: TestClient, listening: WorkflowHandle[Any, Any], storage: Storage, name: str
) -> None:
    key = await stored_for(listening, storage, name)
    assert client.get(link(key, name), headers=BROWSER).status_code == 307
    assert client.post(link(key, name)).status_code == 303
    assert await heard(listening) == []


async def test_an_order_hears_that_its_finished_file_was_downloaded(
    client: TestClient, listening: WorkflowHandle[Any, Any], storage: Storage
) -> None:
    key = await stored_for(listening, storage, "attempt-3-generated.png")
    assert client.post(link(key, "1.png")).status_code == 303
    assert await heard(listening) == [("link_opened", {"event_id": f"opened-{key}", "key": key})]


async def test_an_order_is_completed_by_its_customers_click(
    client: TestClient, temporal_env: TimeSkipper, storage: Storage
) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order = await shop.order()
        await order.until(lambda o: o.quote)
        await order.signal("payment_received", amount="18.00")
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.signal("customer_message", text="可以了,我没有邮箱,发链接给我吧")
        offered = await order.until(lambda o: o.links_offered)
        assert offered.live[0].result is not None
        key = offered.live[0].result.file.key
        await open_files(storage).put(key, b"a picture", "image/png")
        client.get(link(key, "1.png"))
        assert (await order.now()).status is Status.AWAITING_CONFIRM
        for _ in range(2):
            client.post(link(key, "1.png"))
        done = await order.reaches(Status.COMPLETED)
    assert [entry.what for entry in done.journal].count("link_opened") == 1


def test_a_download_waits_for_no_order(
    settings: dict[str, Any], finished: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_answered = threading.Event()

    async def silent(_: Temporal) -> Client:
        assert await asyncio.to_thread(is_answered.wait, 60)
        raise OutsideUnavailable("nobody answers")

    monkeypatch.setattr(Temporal, "client", silent)
    monkeypatch.setattr("gateway.downloads.TELLING_SECONDS", 60)
    with served(app_with(**settings)) as url:
        try:
            assert httpx.post(url + A_LINK, timeout=20).status_code == 303
        finally:
            is_answered.set()


def test_a_download_fails_with_no_order(settings: dict[str, Any], client: TestClient, finished: str) -> None:
    assert client.post(A_LINK).status_code == 303  # Temporal knows no such order
    with TestClient(app_with(**settings | {"temporal_address": "127.0.0.1:1"}), follow_redirects=False) as alone:
        assert alone.post(A_LINK).status_code == 303


DEAD = {
    "nonsense": "/d/nonsense/1.png",
    "forged": link(FINISHED, NAME, "of somebody else"),
    "cut": A_LINK[:40] + "/1.png",
    "NUL": "/d/%00/x",
    "no UTF-8": "/d/%ff/x",
    "gone from storage": link(FINISHED.replace("attempt-3", "attempt-9"), NAME),
}


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("name", DEAD)
def test_a_link_that_leads_nowhere_says_so_in_words(client: TestClient, finished: str, name: str, method: str) -> None:
    page = client.request(method, DEAD[name], headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert policy_of(page)["default-src"] == ["'none'"]
    assert method == "HEAD" or "<h1>这个链接打不开了</h1>" in page.text
    for accepted in ("application/json", "application/problem+json, */*;q=0.1"):
        problem = client.request(method, DEAD[name], headers={"accept": accepted})
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


def test_what_is_away_or_too_fast_is_a_page_too_with_when_to_come_again(settings: dict[str, Any]) -> None:
    with TestClient(app_with(**settings | NOWHERE, public_requests_per_minute=1), follow_redirects=False) as client:
        away, fast = client.post(A_LINK, headers=BROWSER), client.get(A_LINK, headers=BROWSER)
    assert (away.status_code, "暂时打不开" in away.text, away.headers["retry-after"]) == (503, True, "5")
    assert (fast.status_code, "点得太快了" in fast.text) == (429, True)
    assert int(fast.headers["retry-after"]) > 0
