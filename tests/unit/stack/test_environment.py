"""The local stack is the same whatever the user's shell says of other servers."""

import asyncio
import os
import sys
from typing import TextIO

import pytest

from demo import play
from stack.environment import stack_environment

OF_OTHERS = {
    "PYTHONPATH": "/other/project",
    "PYTHONHOME": "/other/python",
    "PGHOST": "/nowhere",
    "PGSSLMODE": "verify-full",
    "PGSERVICEFILE": "/nowhere",
    "TEMPORAL_ADDRESS": "shop.tmprl.cloud:7233",
    "TEMPORAL_TLS": "true",
    "TEMPORAL_API_KEY": "secret",
    "AWS_PROFILE": "other",
}


def test_what_leads_to_other_servers_is_left_out() -> None:
    shell = {"PATH": "/bin", "HOME": "/home/li", "LANG": "C", "GEMINI_API_KEY": "real"}
    kept = stack_environment(shell | OF_OTHERS)
    assert {name: value for name, value in kept.items() if name.lower() != "no_proxy"} == shell


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_a_proxy_stays_and_is_not_asked_for_this_machine(name: str) -> None:
    kept = stack_environment({"https_proxy": "socks5://127.0.0.1:1080", name: "intranet"})
    assert kept["https_proxy"] == "socks5://127.0.0.1:1080"
    assert kept["no_proxy"] == kept["NO_PROXY"] == "intranet,127.0.0.1,localhost,.localhost"


def test_a_demonstration_that_waits_for_enter_ends_when_it_is_called_off(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal, os.fdopen(ours, "w"):
        monkeypatch.setattr(sys, "stdin", terminal)
        asyncio.run(asyncio.wait_for(_called_off(), 60))  # a thread that reads would hold up its end


async def _called_off() -> None:
    waiting = asyncio.create_task(play._enter_is_pressed())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_enter_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal, os.fdopen(ours, "w") as keyboard:
        monkeypatch.setattr(sys, "stdin", terminal)
        asyncio.run(_pressed(keyboard))


async def _pressed(keyboard: TextIO) -> None:
    waiting = asyncio.create_task(play._enter_is_pressed())
    await asyncio.sleep(0)
    keyboard.write("\n")
    keyboard.flush()
    await asyncio.wait_for(waiting, 60)
