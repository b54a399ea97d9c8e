"""A worker process of a benchmark: the product on fakes and a real Postgres, or bare workflows.

It prints a line when it is ready, and answers each line of its input with a line of JSON. It ends with its input.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any, TextIO

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    import worker
    from activities.activity_counter import ActivityCounter
    from activities.outages import Outages
    from benchmarks import faked
    from benchmarks.faked import TimedChat
    from benchmarks.loop_watch import LoopWatch
    from runtime import logs, wiring
    from runtime.settings import Settings
    from workflows import options

BARE_QUEUE = "bare"
STEPS = 5
SIGNALS = 2
FORGET = b"forget"  # a question that restarts the measurement of the event loop

# The arms: what takes the place of the outside. They may be given the seconds that a model takes, or the megapixels of
# the pictures.
ARMS: dict[str, Callable[..., AbstractContextManager[None]]] = {
    "order": faked.outside,
    "floor": faked.outside,
    "real": faked.providers_only,
    "uncompressed": partial(faked.providers_only, kind="PNG"),
}


@activity.defn
async def step() -> None:
    """Return at once."""


@workflow.defn
class BareWorkflow:
    """Waits for two signals and runs five activities."""

    def __init__(self) -> None:
        self._signals = 0

    @workflow.run
    async def run(self) -> None:
        """Run to the end."""
        for number in range(STEPS):
            if number < SIGNALS:
                await workflow.wait_condition(partial(self._has_more_than, number))
            await workflow.execute_activity(step, start_to_close_timeout=timedelta(seconds=10))

    @workflow.signal
    def go_on(self) -> None:
        """Count a signal."""
        self._signals += 1

    def _has_more_than(self, signals: int) -> bool:
        return self._signals > signals


def bare_worker(client: Client, workers: list[Worker]) -> Worker:
    """Return a worker of bare workflows with the settings of the product's worker of orders."""
    settings: dict[str, Any] = dict(next(one.config() for one in workers if one.task_queue == options.ORDERS))
    return Worker(
        **settings
        | {
            "client": client,
            "task_queue": BARE_QUEUE,
            "workflows": [BareWorkflow],
            "activities": [step],
            "interceptors": [],
        }
    )


async def work(arm: str, *amounts: float) -> None:
    """Run the workers of an arm until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # logs must not be read as answers
    settings, chat, watch = Settings(_env_file=None), TimedChat(), LoopWatch()
    logs.configure("ERROR", settings.log_format)
    client = await wiring.temporal(settings).connect()
    async with AsyncExitStack() as stack:
        with ARMS[arm](chat, *amounts):
            workers = await worker.build_workers(settings, client, stack, ActivityCounter(), Outages())
        for one in [bare_worker(client, workers)] if arm == "floor" else workers:
            await stack.enter_async_context(one)
        watching = asyncio.create_task(watch.watch())
        await _answer_questions(chat, watch, answers)
        watching.cancel()


async def _answer_questions(chat: TimedChat, watch: LoopWatch, answers: TextIO) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", file=answers, flush=True)
    while question := await reader.readline():
        if question.strip() == FORGET:
            watch.longest = 0.0
        print(json.dumps({"shown": chat.shown, "blocked_seconds": watch.longest}), file=answers, flush=True)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], *map(float, sys.argv[2:])))
