"""A worker process that a benchmark starts, asks and measures."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from runtime.paths import ROOT
from stack.environment import stack_environment

MEGABYTE = 1_000_000
READY_SECONDS, ANSWER_SECONDS, END_SECONDS = 240, 60, 60


@dataclass(frozen=True)
class ChildWorker:
    """A running worker process."""

    process: asyncio.subprocess.Process

    @property
    def cpu_seconds(self) -> float:
        """The CPU time that it has used."""
        return cpu_seconds(self.process.pid)

    @property
    def memory_mb(self) -> float:
        """Its resident memory."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / MEGABYTE

    async def ask(self, question: str = "") -> Any:
        """Send it a line, and return what it answers."""
        self.tell(question)
        return json.loads(await self._line(ANSWER_SECONDS))

    def tell(self, words: str) -> None:
        """Send it a line that it does not answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n".encode())

    async def until_ready(self) -> None:
        """Wait for its first line."""
        await self._line(READY_SECONDS)

    async def _line(self, seconds: float) -> bytes:
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            if line := await self.process.stdout.readline():
                return line
        raise RuntimeError("the worker process has ended")


@asynccontextmanager
async def child_worker(
    module: str, *arguments: str, env: Mapping[str, str], python: str = sys.executable
) -> AsyncIterator[ChildWorker]:
    """Run a module as a worker process from when it is ready until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", module, *arguments),
        cwd=ROOT,
        env=stack_environment(os.environ) | dict(env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MEGABYTE * 10,  # bytes of a line
    )
    child = ChildWorker(process)
    try:
        await child.until_ready()
        yield child
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it by ending its input; kill it if it does not."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def cpu_seconds(process_id: int) -> float:
    """Return the CPU time that a process has used, without its children."""
    times = psutil.Process(process_id).cpu_times()
    return float(times.user + times.system)
