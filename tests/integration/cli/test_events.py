"""The commands that send, against a worker that hears them."""

import asyncio
from pathlib import Path
from typing import Any

from tests.integration.cli.running import darkroom, is_all, wait_for
from tests.integration.orders.conftest import RealShop


async def test_what_is_wanted_changes_until_it_is_paid_and_then_by_staff_alone(
    real_shop: RealShop, order_id: str
) -> None:
    await wait_for(real_shop, order_id, lambda order: order["quotes"])
    noted = await darkroom(real_shop, "order", "note", order_id, "保留水印", "--by", "customer")
    assert (noted.status, noted.out) == (0, f"Requirement added to {order_id}: 保留水印\n")
    assert (await darkroom(real_shop, "order", "quote", order_id, "25", "--reason", "老客户")).status == 0
    quoted = await wait_for(real_shop, order_id, lambda order: order["quotes"][-1]["fixed"])
    assert quoted["pictures"][0]["requirements"] == ["保留水印"]

    assert (await darkroom(real_shop, "order", "pay", order_id, "--amount", "25")).status == 0
    await wait_for(real_shop, order_id, lambda order: order["paid_at"])
    refused = await darkroom(real_shop, "order", "note", order_id, "加个边框", "--by", "customer")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.endswith("(change_after_payment)\n")
    asked = await darkroom(real_shop, "order", "operation", order_id, "remove_bg", "--json")
    assert (asked.status, asked.json["accepted"], asked.json["reason"]) == (0, True, None)  # whatever is out
    several = await darkroom(real_shop, "order", "operation", order_id, "edit", "--picture", "7")
    assert (several.status, several.err.endswith("(which_picture)\n")) == (1, True)


async def test_a_later_picture_and_a_result_by_hand(
    real_shop: RealShop, order_id: str, photo: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "第二张.jpg"
    file.write_bytes(photo)
    await wait_for(real_shop, order_id, lambda order: order["quotes"])
    assert (await darkroom(real_shop, "order", "picture", order_id, str(file), "--note", "变清晰")).status == 0
    order = await wait_for(real_shop, order_id, lambda order: len(order["pictures"]) == 2 and len(order["quotes"]) > 1)
    keys = [picture["image_key"] for picture in order["pictures"]]
    assert [key.startswith(f"uploads/{order_id}/{name}") for key, name in zip(keys, ("1", "picture-"), strict=True)]
    assert len(set(keys)) == 2

    assert (await darkroom(real_shop, "order", "pay", order_id)).status == 0
    await wait_for(real_shop, order_id, is_all("awaiting_confirm"))
    handed_in = await darkroom(real_shop, "order", "result", order_id, str(file), "--picture", "2", "--notes", "手修")
    assert handed_in.status == 0
    order = await wait_for(
        real_shop, order_id, lambda order: order["pictures"][1]["attempts"][-1]["provider"] == "staff"
    )
    assert is_all("awaiting_confirm")(order)


async def test_an_event_for_an_order_that_has_closed_is_on_record(real_shop: RealShop, order_id: str) -> None:
    await real_shop.client.get_workflow_handle(f"order-{order_id}").terminate("closed by a test")
    for words in (("say", order_id, "还能改吗"), ("cancel", order_id)):
        ran = await darkroom(real_shop, "order", *words)
        assert (ran.status, ran.err) == (0, f"{order_id} has closed: the event was recorded and staff are notified\n")
    kept = await late_events(real_shop, order_id, count=2)
    assert {row["facts"]["signal"] for row in kept} == {"customer_message", "cancel_requested"}


async def late_events(shop: RealShop, order_id: str, count: int) -> list[dict[str, Any]]:
    find = "SELECT facts FROM order_events WHERE order_id = :order_id AND what = 'late_event'"
    async with asyncio.timeout(60):
        while True:
            rows = await shop.rows(find, order_id=order_id)
            if len(rows) == count:
                return rows
            await asyncio.sleep(0.2)


async def test_an_event_for_an_order_that_nobody_knows_is_a_typo(real_shop: RealShop) -> None:
    for words in (("say", "ORDER_20261122_ZZZZZZ", "在吗"), ("cancel", "ORDER_20261122_ZZZZZZ")):
        ran = await darkroom(real_shop, "order", *words)
        assert (ran.status, "no open order with the id ORDER_20261122_ZZZZZZ" in ran.err) == (3, True)
