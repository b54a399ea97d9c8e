"""The `darkroom` command, run as a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runtime.paths import ROOT
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
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("cli.py", *words),
        cwd=ROOT,
        env={**os.environ, **shop.env, "COLUMNS": "160", **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


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
