"""Starts child processes in order of dependency, watches them, and stops them in reverse order."""

import asyncio
import time
from collections.abc import Sequence
from signal import SIGKILL, Signals

from stack.child import Child, Run
from stack.errors import ChildDied
from stack.folder import DataFolder
from stack.progress import Progress


class Supervisor:
    """A set of child processes, in order of dependency; if one dies, all are stopped."""

    def __init__(self, children: Sequence[Child], folder: DataFolder, progress: Progress) -> None:
        self.children = {child.name: child for child in children}
        self.runs: dict[str, Run] = {}
        self._folder = folder
        self._progress = progress
        self._starts: dict[str, asyncio.Task[None]] = {}
        self._watches: set[asyncio.Task[None]] = set()
        self._death: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, *names: str) -> None:
        """Start these and their dependencies in parallel; return when all are ready. Raises StackError."""
        try:
            async with asyncio.TaskGroup() as group:
                death = group.create_task(self.wait())
                await asyncio.gather(*(self._begin(name) for name in names))
                death.cancel()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def wait(self) -> None:
        """Wait until one dies. Raises ChildDied."""
        await asyncio.shield(self._death)

    async def stop(self) -> None:
        """Stop all, dependents first; if cancelled, kill all at once."""
        for start in self._starts.values():
            start.cancel()
        await asyncio.gather(*self._starts.values(), return_exceptions=True)
        stops: dict[str, asyncio.Task[None]] = {}
        for name in reversed(self.children):
            users = [stops[child.name] for child in self.children.values() if name in child.needs]
            stops[name] = asyncio.create_task(self._stop(name, users))
        try:
            await asyncio.gather(*stops.values())
        except asyncio.CancelledError:
            dying = [run for run in self.runs.values() if run.process.returncode is None]
            for run in dying:
                run.kill_group()
            # Else the next start finds leftovers of Postgres.
            await asyncio.gather(*(run.process.wait() for run in dying))
            raise
        finally:
            for watch in self._watches:
                watch.cancel()

    async def kill(self, name: str, signum: Signals = SIGKILL) -> None:
        """Send a signal to one, whose death is then expected; after SIGKILL wait until it has exited."""
        run = self.runs[name]
        run.is_expected_to_end = True
        run.send(signum)
        if signum is SIGKILL:
            await run.process.wait()

    async def restart(self, name: str) -> None:
        """Stop one if it is running, start it again, and wait until it is ready. Raises StackError."""
        await self.runs[name].stop()
        del self._starts[name]
        await self.start(name)

    def _begin(self, name: str) -> asyncio.Task[None]:
        if name not in self._starts:
            self._starts[name] = asyncio.create_task(self._start(self.children[name]))
        return self._starts[name]

    async def _start(self, child: Child) -> None:
        await asyncio.gather(*(self._begin(name) for name in child.needs if name in self.children))
        self._progress.starting(child.name)
        began = time.monotonic()
        await child.prepare()
        log = self.runs[child.name].log if child.name in self.runs else self._folder.new_log(child.name)
        run = self.runs[child.name] = await Run.start(child, log)
        self._watch(run)
        await run.until_ready()
        self._progress.ready(child.name, time.monotonic() - began)

    def _watch(self, run: Run) -> None:
        task = asyncio.create_task(self._tell_of_death(run))
        self._watches.add(task)
        task.add_done_callback(self._watches.discard)

    async def _tell_of_death(self, run: Run) -> None:
        code = await run.process.wait()
        run.kill_group()  # its own children must not outlive it
        failed = code != 0 if run.child.is_job else not run.is_expected_to_end
        if failed and not self._death.done():
            self._death.set_exception(ChildDied(run.child.name, code, run.log))
            self._death.exception()  # marks it as retrieved

    async def _stop(self, name: str, users: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.gather(*users)
        if name in self.runs and self.runs[name].process.returncode is None:
            self._progress.stopping(name)
        if name in self.runs:
            await self.runs[name].stop()
