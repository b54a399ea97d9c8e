"""The whole life of an order by HTTP alone, on everything that `make up` starts, with the worker killed on the way."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from runtime.paths import ROOT
from tests.conftest import WholeShop

PHOTO = ROOT / "demo" / "photos" / "chelsea.png"
ADDRESS = "life@example.com"


@pytest.fixture
async def bot(whole_shop: WholeShop) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {whole_shop.chat_api_key}"}
    async with httpx.AsyncClient(base_url=whole_shop.settings.gateway_url, headers=headers, timeout=60) as client:
        yield client


async def until(bot: httpx.AsyncClient, order_id: str, reached: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            seen: dict[str, Any] = (await bot.get(f"/api/orders/{order_id}")).raise_for_status().json()
            if reached(seen):
                return seen
            await asyncio.sleep(0.05)


async def pay(bot: httpx.AsyncClient, shop: WholeShop, order_id: str, amount: str) -> httpx.Response:
    now, secret = datetime.now(UTC), shop.settings.payment_secrets
    assert secret is not None
    data = {"order_id": order_id, "payment_id": f"pay-{order_id}", "amount": amount, "currency": "CNY"}
    body = json.dumps({"type": "payment.received", "timestamp": now.isoformat(), "data": data})
    headers = {
        "webhook-id": f"w-{order_id}",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret.get_secret_value()).sign(f"w-{order_id}", now, body),
    }
    return await bot.post("/api/webhooks/payments", content=body, headers=headers)


async def statuses_told(bot: httpx.AsyncClient, order_id: str, told: list[str]) -> None:
    """Follow the order as it happens, until it is completed."""
    name = ""
    async with bot.stream("GET", f"/api/orders/{order_id}/events") as answer:
        async for line in answer.aiter_lines():
            field, _, value = line.partition(": ")
            name = value if field == "event" else name
            if field == "data" and name == "order":
                told.append(json.loads(value)["status"])
                if told[-1] == "completed":
                    return


async def test_an_order_lives_by_http_alone_though_its_worker_is_killed(
    bot: httpx.AsyncClient, whole_shop: WholeShop
) -> None:
    upload = await bot.post("/api/uploads", files={"file": PHOTO.read_bytes()})
    request = {
        "customer_id": "life-1", "acc_id": "shop-1",
        "pictures": [{"image_key": upload.json()["image_key"], "note": "变清晰一点"}],
    }  # fmt: skip
    order_id = (await bot.post("/api/orders", json=request, headers={"Idempotency-Key": "life-1"})).json()["order_id"]
    told: list[str] = []
    following = asyncio.create_task(statuses_told(bot, order_id, told))

    quote = (await until(bot, order_id, lambda order: order["quote"]))["quote"]
    assert "报价" in quote["hint"]
    for _ in range(2):  # the platform may send it again
        assert (await pay(bot, whole_shop, order_id, quote["minimum"])).json()["outcome"] == "heard"
    await until(bot, order_id, lambda order: order["status"] != "pending")
    await asyncio.to_thread(whole_shop.servers.kill, "worker")
    left = await bot.post(f"/api/orders/{order_id}/events/consent_recorded", json={"kind": "no_ai_label", "text": "好"})
    assert left.json()["outcome"] == "heard", "an order hears while no worker runs"
    await asyncio.to_thread(whole_shop.servers.restart, "worker")

    order = await until(bot, order_id, lambda order: order["status"] == "awaiting_confirm")
    preview = await bot.get(order["pictures"][0]["preview_url"], follow_redirects=True)
    assert preview.headers["content-type"] == "image/jpeg"
    say = f"/api/orders/{order_id}/updates/send_message"
    assert (await bot.post(say, json={"event_id": "s-1", "text": "颜色不对,再亮一点"})).json()[
        "reply"
    ] == "好的,重新给你做"
    await until(
        bot, order_id, lambda order: order["status"] == "awaiting_confirm" and order["pictures"][0]["revisions"]
    )
    assert (await bot.post(say, json={"event_id": "s-2", "text": f"可以了,发到 {ADDRESS}"})).json()["accepted"]
    done = await until(bot, order_id, lambda order: order["status"] == "completed")
    await asyncio.wait_for(following, 60)

    assert (done["amount_paid"], done["email_status"]) == (quote["minimum"], "sent")
    file = await bot.post(done["pictures"][0]["result_url"], follow_redirects=True)
    assert file.status_code == 200
    letters = (await bot.get(f"{whole_shop.settings.simulators_url}/mailbox/ledger", params={"to": ADDRESS})).json()
    assert [letter["attachments"][0]["size"] for letter in letters] == [len(file.content)]
    assert {"pending", "awaiting_confirm", "completed"} <= set(told)
    listed = (await bot.get("/api/customers/life-1/orders")).json()["orders"]
    assert [order["order_id"] for order in listed] == [order_id]
