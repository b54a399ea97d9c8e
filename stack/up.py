"""The whole stack: `run` for users, `Stack` for tests."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals
from types import TracebackType
from typing import Self

from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.table import Table

from runtime.paths import DATA, ROOT
from runtime.settings import Settings, refusal
from stack.environment import enter
from stack.errors import ChildDied, StackError
from stack.folder import DataFolder
from stack.plan import Plan, StackOptions, make_plan
from stack.ports import release
from stack.progress import Progress
from stack.servers.simulators import BEGIN_HERE
from stack.supervisor import Supervisor

INTERRUPTED = 128 + SIGINT
LONGEST_IN_TABLE = 100  # characters of an address


class Stack:
    """Servers on one data folder: `async with Stack(data) as stack` starts and finally stops them.

    `user` are the user's settings, by default from the environment and `.env`.

    To start only some servers, use `open`, `start` with names, and `close`. A stack belongs to one event loop, whose
    thread must outlive the servers.
    """

    def __init__(
        self,
        data: Path = DATA,
        options: StackOptions | None = None,
        progress: Progress | None = None,
        user: Settings | None = None,
    ) -> None:
        self.folder = DataFolder(data)
        self._options = options or StackOptions()
        self._user = user
        self.progress = progress or Progress()
        self._plan = Plan([], [], {}, [])
        self._supervisor: Supervisor | None = None

    @property
    def env(self) -> Mapping[str, str]:
        """The settings of the running stack as environment variables."""
        return self._plan.env

    @property
    def addresses(self) -> Mapping[str, str]:
        """URLs of the stack's pages and servers by name; the one to start with comes first."""
        links = [link for server in reversed(self._plan.servers) for link in server.links.items()]
        return dict(sorted(links, key=lambda link: link[0] != BEGIN_HERE))

    def open(self) -> None:
        """Lock the data folder and make the plan, without starting anything. Raises FolderInUse, CannotStart."""
        self.folder.hold()
        try:
            self._plan = make_plan(self.folder, self._options, self._user or user_settings())
            # DARKROOM_DATA points child processes to the address file of this folder.
            env = {**self.env, "DARKROOM_DATA": str(self.folder.path), "PYTHONUNBUFFERED": "1"}
            children = [server.child(env) for server in self._plan.servers]
        except BaseException:
            self._release()
            raise
        for note in self._plan.notes:
            self.progress.note(note)
        self._supervisor = Supervisor(children, self.folder, self.progress)

    async def start(self, *names: str) -> None:
        """Start these servers (default: all) and their dependencies; wait until they are ready. Raises StackError."""
        with self.progress:
            await self._running.start(*(names or self._running.children))
        self.folder.write_addresses(self.env)

    async def wait(self) -> None:
        """Wait until a server dies. Raises ChildDied."""
        await self._running.wait()

    async def kill(self, name: str, signum: Signals = SIGKILL) -> None:
        """Send a signal to one server, whose death is then expected; for crash tests."""
        await self._running.kill(name, signum)

    def process_id(self, name: str) -> int:
        """Return a server's process id; for crash tests."""
        return self._running.runs[name].process.pid

    async def restart(self, name: str) -> None:
        """Restart one server with the same ports and data. Raises StackError."""
        await self._running.restart(name)

    async def close(self) -> None:
        """Stop all servers in reverse order, and unlock the folder."""
        self.folder.remove_addresses()
        try:
            if self._supervisor is not None:
                await self._supervisor.stop()
        finally:
            self._release()

    def _release(self) -> None:
        release(self._plan.ports)
        self.folder.release()

    async def __aenter__(self) -> Self:
        self.open()
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def _running(self) -> Supervisor:
        assert self._supervisor is not None, "the stack is not open"
        return self._supervisor


def run(data: Path = DATA, options: StackOptions | None = None) -> int:
    """Run the stack until Ctrl-C or until a server dies, showing its URLs; return the exit status."""
    console = Console()
    progress = Progress(console)
    try:
        user = user_settings()
        enter()
        asyncio.run(_keep_up(Stack(data, options, progress, user), progress))
    except StackError as error:
        progress.trouble(str(error))
        if isinstance(error, ChildDied):
            progress.note(ChildDied.advice)
        return 1
    except (ValidationError, SettingsError) as error:
        progress.trouble(f"invalid settings: {refusal(error)}")
        return 1
    except KeyboardInterrupt:  # second Ctrl-C: everything was killed
        return INTERRUPTED
    return 0


def user_settings() -> Settings:
    """Return the user's settings, without the address file, which an earlier run of the stack has written."""
    return Settings(_env_file=ROOT / ".env")


async def _keep_up(stack: Stack, progress: Progress) -> None:
    cancel_on_signals()
    try:
        async with stack:
            progress.show(_table(stack))
            for what, where in _long_addresses(stack).items():
                progress.note(f"{what}: {where}")
            progress.note(f"Everything is up after {progress.seconds:.1f} s. Press Ctrl-C to stop.")
            await stack.wait()
    except asyncio.CancelledError:
        progress.note("Everything has stopped.")


def cancel_on_signals() -> None:
    """Make the first SIGINT or SIGTERM cancel the task; a second one has its default effect."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def cancel_once() -> None:
        for signum in (SIGINT, SIGTERM, SIGHUP):
            loop.remove_signal_handler(signum)
        task.cancel()

    for signum in (SIGINT, SIGTERM, SIGHUP):
        loop.add_signal_handler(signum, cancel_once)


def _table(stack: Stack) -> Table:
    table = Table("what", "where")
    for what, where in {**stack.addresses, "Data folder": str(stack.folder.path)}.items():
        if what not in _long_addresses(stack):
            table.add_row(what, where)
    return table


def _long_addresses(stack: Stack) -> dict[str, str]:
    """Return links that hold a token: broken into lines by a table they could not be copied."""
    return {what: where for what, where in stack.addresses.items() if len(where) > LONGEST_IN_TABLE}
