"""A worker process of a benchmark: the product on fakes and a real Postgres, or bare workflows.

It prints a line when it is ready, and answers each line of its input with a line of JSON. It ends with its input.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from functools import partial
from typing import Any, TextIO

from temporalio.client import Client
from temporalio.worker import Worker

import worker
from activities.activity_counter import ActivityCounter
from activities.outages import Outages
from benchmarks import faked
from benchmarks.bare import BARE_QUEUE, BareWorkflow, step
from benchmarks.faked import TimedChat
from benchmarks.loop_watch import LoopWatch
from runtime import garbage, logs, wiring
from runtime.settings import Settings
from workflows import options

FORGET = b"forget"  # a question that restarts the measurement of the event loop

# The arms: what takes the place of the outside. They may be given the seconds that a model takes, or the megapixels of
# the pictures.
ARMS: dict[str, Callable[..., AbstractContextManager[None]]] = {
    "order": faked.outside,
    "floor": faked.outside,
    "real": faked.providers_only,
    "uncompressed": partial(faked.providers_only, kind="PNG"),
}


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
        garbage.take_over()
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
    del __file__  # else each imaging process imports this file again, as in worker.py
    asyncio.run(work(sys.argv[1], *map(float, sys.argv[2:])))
