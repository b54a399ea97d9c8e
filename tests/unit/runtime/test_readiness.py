"""A probe that fails or hangs is named within seconds, whatever it does when it is told to end."""

import asyncio
import time

import pytest

from runtime import readiness


async def well() -> None:
    pass


async def refused() -> None:
    raise ConnectionRefusedError("a password stands in here")


async def hanging() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(1)  # talks to its frozen server


async def test_each_state_is_told_and_no_text_of_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PROBE_SECONDS", 0.05)
    began = time.monotonic()
    checks = await readiness.check({"a": well, "b": refused, "c": hanging})
    assert time.monotonic() - began < 1, "it waits for no probe that does not end"
    assert checks == {"a": "ok", "b": "ConnectionRefusedError", "c": "TimeoutError"}
    assert readiness.missing(checks) == ["b", "c"]
    async with asyncio.timeout(30):
        while readiness._looking:  # noqa: ASYNC110 - a probe that ends sets no event
            await asyncio.sleep(0.05)


async def test_a_disk_that_is_almost_full_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await readiness.check({"disk": readiness.room_on_disk}) == {"disk": "ok"}
    monkeypatch.setattr(readiness, "LEAST_FREE", 2**62)
    assert await readiness.check({"disk": readiness.room_on_disk}) == {"disk": "DiskFull"}
