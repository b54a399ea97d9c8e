"""The `darkroom` command, run as a process of its own: forked, which takes a tenth of the time, or started."""

import asyncio
import json
import os
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio

from runtime.paths import ROOT
from tests.forks import Forked
from tests.integration.orders.conftest import RealOrder, RealShop


@dataclass
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def darkroom(shop: RealShop, *words: str, **env: str) -> Ran:
    mark = uuid.uuid4().hex
    out, err = shop.logs / f"{mark}.out", shop.logs / f"{mark}.err"
    process = Forked("cli.py", *words, env={**os.environ, **shop.env, "COLUMNS": "160", **env}, out=out, err=err)
    status = await asyncio.to_thread(process.wait, 120)
    return Ran(status, out.read_text(), err.read_text())


async def started(shop: RealShop, *words: str, **env: str) -> Ran:
    """Run the command in a new interpreter, as a shell does, so that its imports see the environment."""
    command = [sys.executable, "cli.py", *words]
    process = await anyio.run_process(
        command, cwd=ROOT, env={**os.environ, **shop.env, "COLUMNS": "160", **env}, check=False
    )
    return Ran(process.returncode, process.stdout.decode(), process.stderr.decode())


Shown = dict[str, Any]  # an order as `darkroom order show --json` tells it


async def wait_for(shop: RealShop, order_id: str, reached: Callable[[Shown], Any]) -> Shown:
    """Wait until an order is as the condition says; return it as the command shows it."""
    waiting = RealOrder(shop, order_id, "")
    await waiting.until(lambda order: reached(order.model_dump(mode="json")), told=False)
    order: Shown = (await darkroom(shop, "order", "show", order_id, "--json")).json
    assert reached(order)
    return order


def is_all(status: str) -> Callable[[Shown], bool]:
    """Whether every picture of an order stands there."""
    return lambda order: {picture["status"] for picture in order["pictures"]} == {status}
