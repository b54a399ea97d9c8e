"""One server as a child process: what it is, and one run of it."""

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
    """Do nothing: the default of a step that most servers do not have."""


async def at_once() -> bool:
    """Say yes: the probe of a job, which is ready when it has ended well."""
    return True


@dataclass(frozen=True, kw_only=True)
class Child:
    """How a server is started, known to be ready, set up and stopped; times in seconds."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)  # on top of our own environment
    cwd: Path = ROOT
    needs: Sequence[str] = ()  # these are ready before this one starts, and stop after it has stopped
    never_root_in: Path | None = None  # refuses to run as root: it runs as the owner of this folder
    is_job: bool = False  # runs once: ready when it has ended with 0
    prepare: Callable[[], Awaitable[None]] = nothing  # before the start
    is_ready: Callable[[], Awaitable[bool]] = at_once
    bootstrap: Callable[[], Awaitable[None]] = nothing  # once it answers, before anybody else sees it
    ready_within: float = 120  # a cold disk and a busy machine make imports slow
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 10  # then SIGKILL
    orphan_signal: signal.Signals = signal.SIGKILL  # sent by the kernel should we die without stopping it


class Run:
    """One run of a child, from its start to its end."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process, log: Path) -> None:
        self.child = child
        self.process = process
        self.log = log
        self.is_expected_to_end = child.is_job

    @classmethod
    async def start(cls, child: Child, log: Path) -> "Run":
        """Start the process in a group of its own, so that Ctrl-C in the terminal reaches only us."""
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
                raise CannotStart(f"{child.name} cannot be started: {error}") from error
        return cls(child, process, log)

    async def until_ready(self) -> None:
        """Wait until it answers and is set up; the supervisor sees a death. Raises NotReady, BootstrapFailed."""
        try:
            async with asyncio.timeout(self.child.ready_within):
                if self.child.is_job:
                    await self._until_done()
                while not await self._answers():  # noqa: ASYNC110 - another process sets no event of ours
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise NotReady(self.child.name, self.child.ready_within, self.log) from None
        await self.child.bootstrap()

    async def stop(self) -> None:
        """Ask it to stop, wait, and kill it when it does not; whatever it started and left behind is killed too."""
        self.is_expected_to_end = True
        if self.process.returncode is not None:
            return  # long ago perhaps: its id may be another's by now
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
        """Send a signal to the server itself; one that has ended gets none."""
        if self.process.returncode is None:
            self.process.send_signal(signum)

    def kill_group(self) -> None:
        """SIGKILL the server and all that it started."""
        with suppress(ProcessLookupError):  # nobody is left, as it should be
            os.killpg(self.process.pid, signal.SIGKILL)

    async def _until_done(self) -> None:
        if await self.process.wait() != 0:
            await asyncio.Future()  # never ready: the supervisor, which watches every process, ends the wait

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await self.child.is_ready()
        except TimeoutError:
            return False
