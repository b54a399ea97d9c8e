"""Letting time pass for one workflow of a real Temporal server."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper, WorkflowEnvironment


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
