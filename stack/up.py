"""The whole stack as one: for people (`run`) and for tests (`Stack`)."""

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
from stack.progress import Progress
from stack.servers.simulators import BEGIN_HERE
from stack.supervisor import Supervisor

INTERRUPTED = 128 + SIGINT


class Stack:
    """Servers on one data folder: `async with Stack(data) as stack` starts them, and stops them at the end.

    `user` is what the user has set: by default the environment and `.env`.

    For a lazy start use `open`, `start` with some names, and `close` instead. All of it belongs to one event loop,
    whose thread must live as long as the servers.
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
        self._plan = Plan([], {}, [])
        self._supervisor: Supervisor | None = None

    @property
    def env(self) -> Mapping[str, str]:
        """The settings of the running stack as environment variables of `config.Settings`."""
        return self._plan.env

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where people reach the servers, by what they find there; where a newcomer begins comes first."""
        links = [link for server in reversed(self._plan.servers) for link in server.links.items()]
        return dict(sorted(links, key=lambda link: link[0] != BEGIN_HERE))

    def open(self) -> None:
        """Take the data folder and decide on everything; nothing is started yet. Raises FolderInUse, CannotStart."""
        self.folder.hold()
        try:
            self._plan = make_plan(self.folder, self._options, self._user or user_settings())
            # DARKROOM_DATA leads a child to the address file of this very folder.
            env = {**self.env, "DARKROOM_DATA": str(self.folder.path), "PYTHONUNBUFFERED": "1"}
            children = [server.child(env) for server in self._plan.servers]
        except BaseException:
            self.folder.release()
            raise
        for note in self._plan.notes:
            self.progress.note(note)
        self._supervisor = Supervisor(children, self.folder, self.progress)

    async def start(self, *names: str) -> None:
        """Start these servers and what they need, or all, and wait until they are ready. Raises StackError."""
        with self.progress:
            await self._running.start(*(names or self._running.children))
        self.folder.write_addresses(self.env)

    async def wait(self) -> None:
        """Wait until a server dies. Raises ChildDied."""
        await self._running.wait()

    async def kill(self, name: str, signum: Signals = SIGKILL) -> None:
        """Send a signal to one server, whose end is then no news; for crash tests."""
        await self._running.kill(name, signum)

    def process_id(self, name: str) -> int:
        """Return the id of one server's process; for crash tests."""
        return self._running.runs[name].process.pid

    async def restart(self, name: str) -> None:
        """Start one server anew, on the same ports and data. Raises StackError."""
        await self._running.restart(name)

    async def close(self) -> None:
        """Stop what runs, in the reverse order, and let go of the folder."""
        self.folder.remove_addresses()
        try:
            if self._supervisor is not None:
                await self._supervisor.stop()
        finally:
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
    """Start the stack, say where everything is, and keep it up until Ctrl-C or a death; return the exit status."""
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
    except KeyboardInterrupt:  # a second Ctrl-C: everything was killed
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
            progress.note(f"everything is up in {progress.seconds:.1f} s; Ctrl-C stops it")
            await stack.wait()
    except asyncio.CancelledError:
        progress.note("everything has stopped")


def cancel_on_signals() -> None:
    """Let the first signal end the task in good order; a second one does what it does to any program."""
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
        table.add_row(what, where)
    return table
