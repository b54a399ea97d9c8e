"""What a customer says is nowhere in clear outside Postgres, storage and the mail: one whole order with planted words.

The words go every way in: the API, the webhook, the board, the command line and Temporal itself. What is looked
through afterwards: the files of Temporal's database, each row of it, all logs, and the metrics.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from domain.vocabulary.status import Status
from starter import history
from tests.conftest import Servers
from tests.integration.cli.running import darkroom
from tests.integration.orders.canary import (
    IN_CHINESE,
    MAILBOX,
    MARK,
    NAME,
    POSTAL,
    REFUSED,
    WORDS,
    CanaryShop,
    canary_shop,
    found_in,
)
from tests.integration.orders.conftest import RealOrder, eventually


@pytest.fixture
async def shop(servers: Servers, namespace: str, photo: bytes, tmp_path: Path) -> AsyncIterator[CanaryShop]:
    async with canary_shop(servers, namespace, photo, tmp_path) as shop:
        yield shop


def rows_of(database: Path) -> dict[str, bytes]:
    """All tables of a database of SQLite: a value that lies on two pages of the file is whole in its row."""
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: b"\n".join(
                value if isinstance(value, bytes) else str(value).encode()
                for row in connection.execute(f'SELECT * FROM "{table}"')
                for value in row
            )
            for table in tables
        }


def logs_in(folder: Path) -> dict[str, bytes]:
    """What worker and gateway wrote, and what the command did beside its answers."""
    return {log.name: log.read_bytes() for log in folder.iterdir() if log.suffix in {".log", ".err"}}


async def is_delivered(shop: CanaryShop) -> RealOrder:
    """Play an order from its first picture to the letter, with changes, trouble, a designer and staff."""
    order = await shop.new_order()
    await order.is_quoted()
    await shop.event(order, "image_received", image_url=f"http://{shop.site}/gone-{MARK}.jpg", note=WORDS)
    await shop.update(order, "add_requirement", requirement=WORDS)
    await order.until(lambda o: len(o.live) == 1 and len(o.pictures) == 2)
    await order.pay(await order.is_quoted())
    await order.reaches(Status.AWAITING_CONFIRM)
    await shop.update(order, "send_message", text=f"颜色不对,{WORDS}")
    await shop.event(order, "revision_requested", note=WORDS, image_url=f"http://{shop.site}/{MARK}.jpg")
    await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and o.live[0].round >= 1)
    await shop.update(order, "request_cancel", reason=WORDS)
    await shop.event(order, "consent_recorded", kind="label", text=WORDS)
    await order.signal("customer_message", text=[WORDS], at=MAILBOX)  # malformed, sent past the gateway
    assert (await darkroom(shop.real, "order", "say", order.order_id, WORDS)).status == 0
    assert (await darkroom(shop.real, "order", "email", order.order_id, REFUSED)).status == 0
    await order.until(lambda o: o.status is Status.AWAITING_CONFIRM or o.notices)
    await shop.on_the_board(order, "change_address", email=MAILBOX, reason=WORDS)
    await order.reaches(Status.COMPLETED)
    return order


async def is_closed(shop: CanaryShop) -> RealOrder:
    """Cancel an order that a designer was asked to do, and say more when it has closed."""
    order = await shop.new_order()
    await order.pay(await order.is_quoted())
    await shop.event(order, "transfer_requested", reason=WORDS)
    await order.reaches(Status.WITH_DESIGNER)
    assert (await darkroom(shop.real, "order", "cancel", order.order_id, "--reason", WORDS)).status == 0
    await order.reaches(Status.CANCELLED)
    await shop.real.client.get_workflow_handle(f"order-{order.order_id}").terminate("closed by a test")
    await shop.event(order, "customer_message", text=WORDS)
    return order


async def test_nothing_that_a_customer_says_lies_in_clear(shop: CanaryShop, servers: Servers, tmp_path: Path) -> None:
    order, closed = await is_delivered(shop), await is_closed(shop)
    asked = {"customer_id": order.customer_id, "acc_id": "shop-1"}
    await shop.post("/api/dispatches", 201, **asked, reason=WORDS, image_url=f"http://{shop.site}/{MARK}.jpg")
    await shop.post("/api/pictures/find", 200, **asked, image_url=f"http://{shop.site}/{MARK}.jpg", words=WORDS)
    await shop.webhook(order_id=NAME, payment_id="pay-2", amount="18")
    await shop.gateway.get(f"/api/orders/{MARK}", params={"name": NAME})
    refused = await shop.gateway.post("/api/orders", json={"customer_id": [NAME], "email": MAILBOX})
    assert refused.status_code == 422
    lates = "SELECT facts FROM order_events WHERE what = 'late_event'"
    await eventually(lambda: shop.real.rows(lates), lambda rows: len(rows) == 2)

    told = "\n".join([line.about for line in await history.of(shop.real.client, order.order_id)])
    assert all(words in told for words in (NAME, WORDS, POSTAL, MAILBOX, f"{MARK}.jpg")), "nothing was planted"
    files = {file.name: file.read_bytes() for file in servers.temporal_files}
    rows = rows_of(servers.temporal_files[0])
    logs = logs_in(tmp_path)
    async with httpx.AsyncClient() as http:
        metrics = {f"metrics of the {name}": (await http.get(url)).content for name, url in shop.metrics.items()}

    of_order = [place for place, content in {**files, **rows, **logs}.items() if order.order_id.encode() in content]
    assert {"history_node", "gateway.log", "worker-0.log"} <= set(of_order), of_order  # they were looked through
    assert closed.order_id.encode() in logs["gateway.log"]
    assert all(b"_total" in content for content in metrics.values())
    assert found_in({**files, **rows, **logs, **metrics}) == {}
    assert found_in({"a row": IN_CHINESE.encode(), "a log": MARK.encode()}).keys() == {"a row", "a log"}
