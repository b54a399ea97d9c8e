"""A server as a child process: its description, and one run of it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from runtime.paths import ROOT
from stack.environment import stack_environment
from stack.errors import CannotStart, NotReady
from stack.launch import as_owner, with_parent_death_signal

POLL_SECONDS = 0.05
PROBE_SECONDS = 5.0


async def nothing() -> None:
    """Do nothing: the default of optional steps."""


async def at_once() -> bool:
    """Return True: the probe of a job, which is ready when it has succeeded."""
    return True


@dataclass(frozen=True, kw_only=True)
class Child:
    """How a server is started, probed, set up and stopped; times in seconds."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)  # added to our own environment
    cwd: Path = ROOT
    needs: Sequence[str] = ()  # these start before this one, and stop after it
    never_root_in: Path | None = None  # cannot run as root; runs as the owner of this folder
    is_job: bool = False  # runs once; ready when it has exited with 0
    prepare: Callable[[], Awaitable[None]] = nothing  # before the start
    is_ready: Callable[[], Awaitable[bool]] = at_once
    bootstrap: Callable[[], Awaitable[None]] = nothing  # once it answers, before it counts as ready
    ready_within: float = 120  # imports are slow on a cold disk or a busy machine
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 10  # then SIGKILL
    orphan_signal: signal.Signals = signal.SIGKILL  # sent by the kernel if we die without stopping it


class Run:
    """One run of a child, from start to exit."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process, log: Path) -> None:
        self.child = child
        self.process = process
        self.log = log
        self.is_expected_to_end = child.is_job

    @classmethod
    async def start(cls, child: Child, log: Path) -> "Run":
        """Start the process in its own group, so that Ctrl-C in the terminal reaches only us. Raises CannotStart."""
        argv = with_parent_death_signal(child.argv, child.orphan_signal)
        if child.never_root_in is not None:
            argv = as_owner(argv, child.never_root_in)
        with log.open("ab") as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    *argv,
                    cwd=child.cwd,
                    env=stack_environment(os.environ) | dict(child.env),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    process_group=0,
                )
            except OSError as error:
                raise CannotStart(f"cannot start {child.name}: {error}") from error
        return cls(child, process, log)

    async def until_ready(self) -> None:
        """Wait until it answers and is set up; the supervisor notices its death. Raises NotReady, BootstrapFailed."""
        try:
            async with asyncio.timeout(self.child.ready_within):
                if self.child.is_job:
                    await self._until_done()
                while not await self._answers():  # noqa: ASYNC110 - there is no event to wait for
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise NotReady(self.child.name, self.child.ready_within, self.log) from None
        await self.child.bootstrap()

    async def stop(self) -> None:
        """Ask it to stop, kill it if it does not in time, and kill all that it has left running."""
        self.is_expected_to_end = True
        if self.process.returncode is not None:
            return  # its id may already belong to another process
        self.send(self.child.stop_signal)
        try:
            async with asyncio.timeout(self.child.stop_within):
                await self.process.wait()
        except TimeoutError:
            pass
        finally:
            self.kill_group()
        await self.process.wait()

    def send(self, signum: signal.Signals) -> None:
        """Send a signal to the server, if it is still running."""
        if self.process.returncode is None:
            self.process.send_signal(signum)

    def kill_group(self) -> None:
        """Send SIGKILL to the server and all processes that it started."""
        with suppress(ProcessLookupError):  # no process is left
            os.killpg(self.process.pid, signal.SIGKILL)

    async def _until_done(self) -> None:
        if await self.process.wait() != 0:
            await asyncio.Future()  # never ready: the supervisor notices the failure and cancels this

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await self.child.is_ready()
        except TimeoutError:
            return False
