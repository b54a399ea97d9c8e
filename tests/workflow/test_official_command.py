"""The official `temporal` command signals an order as well as the bot does, and its garbage does no harm."""

import asyncio
import json
from pathlib import Path

import pytest

from domain.vocabulary.status import Status
from stack.programs import program
from tests.shop import FakeShop, OrderInHand


async def temporal(shop: FakeShop, address: str, *words: str) -> tuple[int, str]:
    child = await asyncio.create_subprocess_exec(
        program("temporal"), *words, "--address", address, "--namespace", shop.client.namespace,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode is not None
    return child.returncode, output.decode()


async def signal(shop: FakeShop, address: str, order: OrderInHand, name: str, *words: str) -> None:
    status, output = await temporal(
        shop, address, "workflow", "signal", "--workflow-id", order.handle.id, "--name", name, *words
    )
    assert status == 0, output


async def test_a_bare_signal_of_the_official_command_works(shop: FakeShop, temporal_address: str) -> None:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    pay = json.dumps({"payment_id": "p1", "amount": "18.00"})
    await signal(shop, temporal_address, order, "payment_received", "--input", pay)
    await order.reaches(Status.AWAITING_CONFIRM)
    words = json.dumps({"text": "可以,发我邮箱 wang@example.com"})
    await signal(shop, temporal_address, order, "customer_message", "--input", words)
    await order.reaches(Status.COMPLETED)


@pytest.mark.parametrize("name", ["payment_received", "customer_message", "no_such_signal"])
async def test_garbage_of_the_official_command_does_no_harm(
    shop: FakeShop, temporal_address: str, name: str, tmp_path: Path
) -> None:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    binary = tmp_path / "garbage"
    binary.write_bytes(b"\xff\xfe{not json")
    for words in (
        [],
        ["--input", "18"],
        ["--input", "null"],
        ["--input", '{"amount": "lots", "text": [1]}'],
        ["--input", "{}", "--input", "{}"],
        ["--input", "not json", "--input-meta", "encoding=binary/plain"],
        ["--input-file", str(binary), "--input-meta", "encoding=of/another/world"],
    ):
        await signal(shop, temporal_address, order, name, *words)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    if name == "payment_received":  # a payment of "lots" is one that staff look at
        await order.until(lambda o: o.hold)
        await order.signal("processing_resumed")
    heard = await order.reaches(Status.AWAITING_CONFIRM)
    lines = {line.event_id: line for saved in shop.records.saved for line in saved.journal}
    kept = [line for line in lines.values() if line.what == "unreadable_signal"]
    assert len(kept) >= 5, [line.facts for line in kept]
    assert heard.amount_paid


async def test_the_official_command_reads_an_order(shop: FakeShop, temporal_address: str) -> None:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    for query in ("order", "quote", "requirement_history"):
        status, output = await temporal(
            shop, temporal_address, "workflow", "query", "--workflow-id", order.handle.id, "--type", query,
            "--output", "json",
        )  # fmt: skip
        assert status == 0, output
        assert json.loads(output)


async def test_the_official_command_updates_an_order(shop: FakeShop, temporal_address: str) -> None:
    order = await shop.order()
    await order.until(lambda o: o.quote)
    status, output = await temporal(
        shop, temporal_address, "workflow", "update", "execute", "--workflow-id", order.handle.id,
        "--name", "add_requirement", "--input", '{"requirement": "白底"}', "--output", "json",
    )  # fmt: skip
    assert (status, '"accepted": true' in output) == (0, True), output
