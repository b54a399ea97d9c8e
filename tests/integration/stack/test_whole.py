"""The whole shop: it comes up as one, and its simulated designers work by themselves."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from domain.order.messages import OrderRequest, RequestedPicture
from domain.order.order import Order
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from runtime import wiring
from runtime.paths import ROOT
from runtime.settings import Settings
from starter import orders
from starter.client import connect
from tests.conftest import WholeShop


async def test_everything_comes_up_as_one_and_says_where_it_is(whole_shop: WholeShop) -> None:
    stack = whole_shop.stack
    async with httpx.AsyncClient() as client:
        assert next(iter(stack.addresses)) == "Chat (begin here)"
        for where in (
            "Chat (begin here)",
            "Gateway",
            "Mailbox",
            "Conversations",
            "Staff messages",
            "Designers",
            "Temporal Web UI",
        ):
            assert (await client.get(stack.addresses[where], follow_redirects=True)).status_code == 200, where
        await expect_to_sign_in(client, stack.addresses["Task history"])
        found = Settings(_env_file=stack.folder.address_file)
        assert found.temporal_address == stack.env["TEMPORAL_ADDRESS"]
        assert found.database_url == stack.env["DATABASE_URL"]
        assert found.gemini_base_url == f"{found.simulators_url}/gemini"

        await asyncio.to_thread(whole_shop.servers.kill, "worker")
        await asyncio.to_thread(whole_shop.servers.restart, "worker")
        health = f"http://127.0.0.1:{found.worker_health_port}/healthz"
        assert (await client.get(health)).status_code == 200


async def test_a_diligent_designer_retouches_the_picture_and_changes_it_once_more(whole_shop: WholeShop) -> None:
    settings = whole_shop.settings
    tuhui = f"{settings.simulators_url}/tuhui"
    client = await connect(settings.temporal_address, settings.temporal_namespace)
    order_id = orders.new_order_id(settings.shop_timezone)
    key = f"uploads/{order_id}/1.jpg"
    await wiring.files(settings).put(key, (ROOT / "demo" / "photos" / "coffee.jpg").read_bytes(), "image/jpeg")
    picture = RequestedPicture(image_key=key, note="变清晰一点")
    await orders.start(
        client, order_id, OrderRequest(customer_id=f"c-{order_id[-6:]}", acc_id="shop-1", pictures=[picture])
    )
    handle = client.get_workflow_handle(ids.workflow_id(order_id))

    async def until(condition: Callable[[Order], Any]) -> Order:
        async with asyncio.timeout(90):
            while not condition(order := await orders.snapshot(client, order_id)):  # noqa: ASYNC110 - a query
                await asyncio.sleep(0.1)
        return order

    async with httpx.AsyncClient() as http:
        for name in ("橘子", "婷婷"):
            await http.put(f"{tuhui}/designers/{name}", json={"mode": "diligent", "seconds": 0.5})
        try:
            quoted = await until(lambda order: order.quote)
            assert quoted.quote is not None
            await handle.signal("transfer_requested", {"event_id": "t", "reason": "要人来做"})
            amount = str(quoted.quote.minimum)
            await handle.signal("payment_received", {"event_id": "p", "payment_id": "p1", "amount": amount})
            await until(lambda order: order.status is Status.AWAITING_CONFIRM)
            await handle.signal("revision_requested", {"event_id": "r", "note": "再亮一点"})
            shown = await until(lambda order: order.status is Status.AWAITING_CONFIRM and order.live[0].round == 1)
        finally:
            for name in ("橘子", "婷婷"):
                await http.put(f"{tuhui}/designers/{name}", json={"mode": "by_hand"})
        core = order_id.removeprefix("ORDER_")
        seen = (await http.get(f"{tuhui}/ledger", params={"order": core})).json()
    assert [attempt.provider for attempt in shown.live[0].attempts] == ["designer", "designer"]
    assert [entry["kind"] for entry in seen] == ["create", *["assign", "accept", "finish"] * 2]
    assert len({entry["designer"] for entry in seen if entry["kind"] == "assign"}) == 1, "who did it does it again"
    assert len({entry["sha256"] for entry in seen if entry["kind"] == "finish"}) == 2
    assert "再亮一点" in seen[4]["notes"]


async def expect_to_sign_in(client: httpx.AsyncClient, link: str) -> None:
    """Do what the page does with the token in its address."""
    address, _, token = link.partition("#token=")
    ours = {"Origin": address.removesuffix("/history/"), "Sec-Fetch-Site": "same-origin"}
    answer = await client.post(f"{address}session", data={"token": token}, headers=ours)
    assert answer.status_code == 204, answer.text
    assert (await client.get(address, headers={"Accept": "text/html"})).status_code == 200
