"""`darkroom designer ...`, against a worker without a dispatch system: staff find a designer."""

import asyncio
from pathlib import Path
from typing import Any

from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop


async def shown(shop: RealShop, dispatch: str, **facts: Any) -> dict[str, Any]:
    """Wait until a dispatch is as these facts say."""
    async with asyncio.timeout(60):
        while True:
            ran = await darkroom(shop, "designer", "show", dispatch, "--json")
            if ran.status == 0 and facts.items() <= ran.json.items():
                state: dict[str, Any] = ran.json
                return state


async def test_a_question_is_asked_and_answered_with_a_picture(
    real_shop: RealShop, photo: bytes, tmp_path: Path
) -> None:
    real_shop.have_a_worker()
    file = tmp_path / "图.jpg"
    file.write_bytes(photo)
    asked = await darkroom(
        real_shop, "designer", "transfer", str(file), "--customer", "designer-wang", "--reason", "这个能做吗"
    )
    assert asked.status == 0, asked.err
    question = asked.out.strip()
    await shown(real_shop, question, is_by_hand=True)
    words = await darkroom(real_shop, "designer", "show", question)
    assert "Waits for **somebody to hand the finished picture in**" in words.out
    answered = await darkroom(real_shop, "designer", "finish", question, str(file), "--notes", "能做,80元")
    assert answered.status == 0, answered.err
    await shown(real_shop, question, is_closed=True, closing="dispatch_answered")
    said = await real_shop.ledger("bot", customer="designer-wang", repeat="False")
    assert [message["kind"] for message in said] == ["text", "image", "hint"]
    assert said[-1]["fallback_text"] == "设计师说:能做,80元"
    (row,) = await real_shop.rows("SELECT * FROM dispatches WHERE task_id = :id", id=question)
    assert (row["reason"], row["closing"]) == ("这个能做吗", "dispatch_answered")


async def test_a_question_that_is_called_off_is_over(real_shop: RealShop) -> None:
    real_shop.have_a_worker()
    asked = await darkroom(real_shop, "designer", "transfer", "--customer", "li", "--reason", "?")
    question = asked.out.strip()
    assert (await darkroom(real_shop, "designer", "cancel", question)).status == 0
    await shown(real_shop, question, is_closed=True)
    late = await darkroom(real_shop, "designer", "finish", question, "--notes", "做好了")
    assert (late.status, "no open dispatch is called" in late.err) == (3, True)


async def test_what_names_no_dispatch_or_hands_in_nothing_is_wrong_usage(real_shop: RealShop) -> None:
    for words in (("show", "7K3F9Q"), ("finish", "TASK_20261122_7K3F9Q_1")):
        assert (await darkroom(real_shop, "designer", *words)).status == 2
