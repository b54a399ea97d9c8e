"""A probe that fails or hangs is named within seconds, whatever it does when it is told to end."""

import asyncio

import pytest

from runtime import readiness


async def well() -> None:
    pass


async def refused() -> None:
    raise ConnectionRefusedError("a password stands in here")


class Frozen:
    """A server that answers nothing, not even a good-bye, before it thaws."""

    def __init__(self) -> None:
        self.thaws = asyncio.Event()

    async def probe(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await self.thaws.wait()


async def test_each_state_is_told_and_no_text_of_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PROBE_SECONDS", 0.05)
    frozen = Frozen()
    checks = await readiness.check({"a": well, "b": refused, "c": frozen.probe})  # it waits for no probe to end
    assert checks == {"a": "ok", "b": "ConnectionRefusedError", "c": "TimeoutError"}
    assert readiness.missing(checks) == ["b", "c"]
    frozen.thaws.set()
    async with asyncio.timeout(60):
        while readiness._looking:  # noqa: ASYNC110 - the last probe ends
            await asyncio.sleep(0)


async def test_a_disk_that_is_almost_full_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await readiness.check({"disk": readiness.room_on_disk}) == {"disk": "ok"}
    monkeypatch.setattr(readiness, "LEAST_FREE", 2**62)
    assert await readiness.check({"disk": readiness.room_on_disk}) == {"disk": "DiskFull"}
