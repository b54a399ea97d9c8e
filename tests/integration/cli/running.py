"""The `darkroom` command, run as a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config import ROOT
from starter.desk import AWAY
from tests.integration.orders.conftest import RealShop


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
    """Wait until an order is as the condition says."""
    async with asyncio.timeout(90):
        while True:
            shown = await darkroom(shop, "order", "show", order_id, "--json")
            assert shown.status in {0, AWAY}, shown.err  # a worker takes its time to start
            if shown.status == 0 and reached(shown.json):
                order: Shown = shown.json
                return order


def is_all(status: str) -> Callable[[Shown], bool]:
    """Whether every picture of an order stands there."""
    return lambda order: {picture["status"] for picture in order["pictures"]} == {status}
