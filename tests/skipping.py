"""Letting time pass for one workflow of a real Temporal server, and its history grow."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper, WorkflowEnvironment

MORE_THAN_A_RUN = 600  # events: a run ends after 500 (stack/servers/temporal.py)
PORTION = 100  # signals at once
TIMEOUT_SECONDS = 90.0  # seconds
Signal = Callable[[int], Coroutine[Any, Any, None]]


async def pass_time(env: TimeSkipper | WorkflowEnvironment, handle: WorkflowHandle[Any, Any], time: timedelta) -> None:
    """Let so much time pass, or as much until the workflow has a child: the server skips none while one is open."""
    skipping = asyncio.create_task(env.fast_forward(handle, time))
    while not skipping.done():
        await asyncio.wait([skipping], timeout=0.5)
        if (await handle.describe()).raw_description.pending_children:
            skipping.cancel()
            await asyncio.wait([skipping])
            return
    await skipping


async def overfill(handle: WorkflowHandle[Any, Any], signal: Signal) -> None:
    """Send more signals than the server of the tests lets one run have events, no faster than they are heard."""
    for start in range(0, MORE_THAN_A_RUN, PORTION):
        await asyncio.gather(*(signal(number) for number in range(start, start + PORTION)))
        await handle.query("__stack_trace")  # which every workflow answers, after what came before


async def fill_a_run(handle: WorkflowHandle[Any, Any], signal: Signal) -> None:
    """Send them, and wait for the next run."""
    first_run = (await handle.describe()).run_id
    await overfill(handle, signal)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while (await handle.describe()).run_id == first_run:  # noqa: ASYNC110 - the server sets no event of ours
            await asyncio.sleep(0.05)
