"""`darkroom deploy ...`: real workers with a build, encrypted orders, and who gets what."""

import os
import uuid
from functools import partial
from pathlib import Path

from tests.integration.cli.running import Ran, darkroom
from tests.integration.orders.conftest import RealShop, eventually

KEYS = "1:" + os.urandom(32).hex()


async def test_a_build_has_no_orders_until_it_is_promoted(real_shop: RealShop, photo: bytes, tmp_path: Path) -> None:
    apart = {"TEMPORAL_NAMESPACE": f"shop-{uuid.uuid4().hex[:8]}", "PAYLOAD_KEYS": KEYS}
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo)

    async def run(*words: str) -> Ran:
        return await darkroom(real_shop, *words, **apart)

    assert (await run("temporal", "setup")).status == 0
    nobody = await run("deploy", "status")
    assert (nobody.status, nobody.err) == (
        1, "darkroom: no worker with a WORKER_BUILD_ID has polled yet: start one first\n",
    )  # fmt: skip
    unnamed = await run("deploy", "promote")
    assert unnamed.status == 2
    assert "name the build, or set WORKER_BUILD_ID" in unnamed.err

    order_id = (await run("order", "new", str(file), "--customer", "wang", "--note", "变清晰一点")).out.strip()
    worker = real_shop.start_worker(**apart, WORKER_BUILD_ID="0.1.0")
    try:
        promoted = await darkroom(real_shop, "deploy", "promote", "--wait", "60", **apart, WORKER_BUILD_ID="0.1.0")
        assert (promoted.status, promoted.out) == (0, "0.1.0 gets all orders from their next step on.\n"), promoted.err
        shown = partial(run, "order", "show", order_id, "--json")
        await eventually(shown, lambda ran: ran.status == 0 and ran.json["pictures"][0]["analysis"])
        found = (await run("deploy", "status", "--json")).json
        assert [(one["build"], one["status"], one["share"]) for one in found] == [("0.1.0", "current", "100 %")]
        unknown = await run("deploy", "ramp", "0.2.0", "10")
        assert (unknown.status, unknown.err) == (
            1,
            "darkroom: no worker of the build 0.2.0 has polled: start one first\n",
        )
        back = await run("deploy", "rollback")
        assert (back.status, "nothing to roll back to" in back.err) == (1, True)
        told = await run("order", "history", order_id)
        assert "变清晰一点" in told.out, "the commands have the keys"
    finally:
        worker.terminate()
        worker.wait()


async def test_a_missing_server_is_told(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "deploy", "status", TEMPORAL_ADDRESS="127.0.0.1:9")
    assert (ran.status, "no Temporal server answers at 127.0.0.1:9" in ran.err) == (4, True)


async def test_a_namespace_that_is_not_there_is_told(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "deploy", "promote", "0.1.0", TEMPORAL_NAMESPACE="nowhere")
    assert ran.status in {1, 4}
    assert "Traceback" not in ran.err
