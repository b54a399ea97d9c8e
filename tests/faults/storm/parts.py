"""What can break in a storm: servers, workers and a gateway that are started again, and a proxy before each server."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import Any

import psutil
from temporalio.client import Client

from adapters.db import migrate
from runtime import wiring
from runtime.fail_points import STATUS
from runtime.settings import Settings
from stack.plan import StackOptions
from stack.up import Stack
from starter.client import connect
from tests.conftest import DEFAULTS
from tests.faults.links import between
from tests.faults.proxy import Proxy, running
from tests.forks import Forked

SERVERS = ("postgres", "temporal", "storage", "simulators")
NOT_OURS = ("migrations", "gateway")  # planned, and the gateway started by us
CALLED_BY = {
    "worker": ("temporal", "postgres", "storage", "mail", "bot", "designers", "models", "staff"),
    "gateway": ("temporal", "postgres", "storage"),
}
WORKERS = ("worker 1", "worker 2")
BUSY_PEOPLE = "100000"  # requests a minute: all customers use one bot
RESTART_PAUSE = 0.5  # seconds
SETTINGS = {"IMAGING_PROCESSES": "1", "REQUESTS_PER_MINUTE": BUSY_PEOPLE, "PUBLIC_REQUESTS_PER_MINUTE": BUSY_PEOPLE}


@dataclass
class Program:
    """A program of ours that is started again whenever it has ended, as by what watches over it."""

    path: str
    env: Mapping[str, str]
    log: Path
    more: Callable[[], Mapping[str, str]] = dict  # settings of the next start
    ended: Callable[[int], None] = lambda _status: None
    process: Forked | None = None

    async def keep_up(self) -> None:
        """Keep it running until this is cancelled."""
        try:
            while True:
                env = {**os.environ, **self.env, **self.more()}
                self.process = await asyncio.to_thread(Forked, self.path, env=env, out=self.log, err=self.log)
                while (status := self.process.poll()) is None:  # noqa: ASYNC110 - a process sets no event
                    await asyncio.sleep(0.1)
                self.send(signal.SIGKILL)  # to what it has left behind
                self.ended(status)
                await asyncio.sleep(RESTART_PAUSE)
        finally:
            self.send(signal.SIGKILL)

    def send(self, signum: Signals) -> None:
        """Send a signal to all its processes."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signum)


@dataclass
class Parts:
    """The running stack, and everything in it that a storm may break, by name."""

    stack: Stack
    settings: Settings  # that reach the servers past all proxies
    client: Client
    gateway_url: str  # through a proxy, as customers call it
    chat_api_key: str
    programs: dict[str, Program] = field(default_factory=dict)
    links: dict[str, Proxy] = field(default_factory=dict)
    fail_at: Callable[[], str] = lambda: ""  # the fail point of the next worker
    ended_at_a_fail_point: Callable[[str], None] = lambda _point: None

    @property
    def simulators_url(self) -> str:
        """Where the simulators are reached past all proxies."""
        return self.stack.env["SIMULATORS_URL"]

    def send(self, server: str, signum: Signals) -> None:
        """Send a signal to all processes of a server."""
        top = psutil.Process(self.stack.process_id(server))
        for process in (top, *top.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signum)


@asynccontextmanager
async def running_parts(folder: Path) -> AsyncIterator[Parts]:
    """Start everything in a folder, and stop it at the end."""
    options = StackOptions((*SERVERS, *NOT_OURS), "gemini-simulator", usual_ports=False, for_tests=True)
    stack = Stack(folder, options, user=DEFAULTS)
    stack.open()
    try:
        await stack.start(*SERVERS, "migrations")
        async with AsyncExitStack() as exits, asyncio.TaskGroup() as group:
            parts = await _connected(stack, exits)
            env = await _linked(parts, exits)
            for name, path in {**dict.fromkeys(WORKERS, "worker.py"), "gateway": "gateway/__main__.py"}.items():
                program = _program(parts, name, path, env[name.split()[0]], folder / f"{name.replace(' ', '-')}.log")
                parts.programs[name] = program
            keepers = [group.create_task(program.keep_up()) for program in parts.programs.values()]
            yield parts
            for keeper in keepers:
                keeper.cancel()
    finally:
        await stack.close()


async def _connected(stack: Stack, exits: AsyncExitStack) -> Parts:
    values: dict[str, Any] = {name.lower(): value for name, value in stack.env.items()}
    settings = Settings(_env_file=None, **values)
    await migrate.upgrade(settings.database_url, settings.database_schema)
    await wiring.files(settings).put("made.txt", b"", "text/plain")  # makes the bucket
    client = await connect(settings.temporal_address, settings.temporal_namespace)
    door = await exits.enter_async_context(running("127.0.0.1", settings.gateway_port))
    secret = stack.folder.secret("chat_api_key").read_text()
    parts = Parts(stack, settings, client, f"http://{door.address}", f"dk_{secret[:16]}_{secret[16:]}")
    parts.links["customers-gateway"] = door
    return parts


async def _linked(parts: Parts, exits: AsyncExitStack) -> dict[str, dict[str, str]]:
    """Put a proxy before each server, for each kind of program; return the settings of the kinds."""
    env = {caller: {**parts.stack.env, **SETTINGS} for caller in CALLED_BY}
    for caller, servers in CALLED_BY.items():
        for server in servers:
            proxy, setting = await exits.enter_async_context(between(parts.stack.env, server))
            parts.links[f"{caller}-{server}"] = proxy
            env[caller] |= setting
    designers = parts.links["worker-designers"].address  # their pictures are fetched from there
    env["worker"]["PRIVATE_PICTURE_HOSTS"] = f"{parts.stack.env['PRIVATE_PICTURE_HOSTS']},{designers}"
    return env


def _program(parts: Parts, name: str, path: str, env: Mapping[str, str], log: Path) -> Program:
    program = Program(path, env, log)
    if name == WORKERS[0]:
        points: list[str] = []

        def armed() -> Mapping[str, str]:
            points.append(parts.fail_at())
            return {"DARKROOM_FAIL_AT": points[-1]}

        def ended(status: int) -> None:
            if status == STATUS:
                parts.ended_at_a_fail_point(points[-1])

        program.more, program.ended = armed, ended
    return program
