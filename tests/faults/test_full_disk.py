"""The worker's disk for temporary files is full: the picture waits, and goes on when there is room again."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.faults import books
from tests.faults.conftest import Place
from tests.faults.stories import made_by_a_designer
from tests.integration.orders.conftest import RealShop, eventually

SIZE = 4_000_000  # bytes
FAILED_TIMES = 5  # after which a bug would be given up


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(tmp_path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte; return the file to delete."""
    filling = disk / "filling"
    with filling.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"-" * 4096)
    return filling


async def tries(shop: RealShop, activity: str) -> int:
    """Return which try of an activity is under way, or waits."""
    running = [one async for one in shop.client.list_workflows("ExecutionStatus = 'Running'")]
    told = [await shop.client.get_workflow_handle(one.id).describe() for one in running]
    pending = [one for each in told for one in each.raw_description.pending_activities]
    return max((one.attempt for one in pending if one.activity_type.name == activity), default=0)


async def full_for_a_while(shop: RealShop, disk: Path) -> None:
    """Fill the disk when a designer has the picture; make room when it has waited for longer than a bug would."""
    since = len(await shop.ledger("tuhui"))
    await eventually(partial(shop.ledger, "tuhui", since=str(since), kind="assign"))
    filling = await asyncio.to_thread(fill, disk)
    await eventually(partial(tries, shop, "adopt"), lambda found: found > FAILED_TIMES)
    await asyncio.to_thread(filling.unlink)


@pytest.mark.timeout(600)
async def test_a_designers_picture_waits_for_room_on_the_disk(place: Place, disk: Path) -> None:
    async with place() as shop:
        shop.start_worker()
        usual = await books.opened(shop, await made_by_a_designer(shop))
        shop.have_no_worker()
        shop.start_worker(TMPDIR=str(disk))
        filling = asyncio.create_task(full_for_a_while(shop, disk))
        found = await books.opened(shop, await made_by_a_designer(shop))
        await filling
    books.assert_nothing_lost(usual, found)
