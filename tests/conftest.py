"""Real servers for the tests that ask for them: each started once a process, on free ports, stopped with its tests."""

import gc
import os
import shutil
import uuid
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from signal import Signals
from typing import Any

import psutil
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import settings
from sqlalchemy import make_url
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from runtime.paths import ROOT
from runtime.settings import Settings
from stack.plan import StackOptions
from stack.servers.temporal import bootstrap
from stack.up import Stack
from starter.client import CONVERTER

# A busy machine is no failure; CI plays the same examples each time, a run by hand draws new ones.
settings.register_profile("darkroom", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("darkroom")

for setting in Settings.model_fields:
    os.environ.pop(setting.upper(), None)  # no test may meet a real key or address of the person who runs it

# All authorities of the world take each HTTP client 20 ms to load, and no test calls anybody who is certified by one.
os.environ["SSL_CERT_FILE"] = str(ROOT / "tests" / "authority.pem")

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in a picture's process: its threads spin, and others need the cores

LOGS = ROOT / "test-logs" / os.environ.get("PYTEST_XDIST_WORKER", "")  # each process of the tests has its own servers
SERVERS = ("postgres", "temporal", "storage", "simulators")
DEFAULTS = Settings.model_construct()  # nothing is set by the user


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Import and collect without garbage collection: nearly everything stays, and is walked through again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Leave all that was imported and collected out of garbage collection.

    Walking through it stops a busy process for seconds, and the SDK takes a workflow for stuck after two.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Escape the half characters that tests log on purpose: a worker of pytest-xdist cannot send them."""
    return _escape_half_characters((yield))


def _escape_half_characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list | tuple):
        return type(value)(_escape_half_characters(part) for part in value)
    if isinstance(value, dict):
        return {key: _escape_half_characters(part) for key, part in value.items()}
    return value


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Give whole files to a process, and all that need the whole shop to the same, so that it starts only once."""
    return FilesOrWholeShop(config, log)


class FilesOrWholeShop(LoadFileScheduling):
    """`--dist loadfile`, with the files that ask for `whole_shop` as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return whole_shop.__name__ if _asks_for_whole_shop(file) else file


@cache
def _asks_for_whole_shop(file: str) -> bool:
    return whole_shop.__name__ in (ROOT / file).read_text(encoding="utf-8")


class Servers:
    """The servers of this run, which live in a thread with a loop of its own, since tests come and go with theirs."""

    def __init__(self, portal: BlockingPortal, stack: Stack) -> None:
        self._portal = portal
        self._stack = stack

    def start(self, *names: str) -> Mapping[str, str]:
        """Start these where they do not run yet; return the settings that reach them."""
        self._portal.call(self._stack.start, *names)
        return self._stack.env

    def database_url_of(self, role: str) -> str:
        """The address of the database for darkroom_worker or darkroom_gateway, who own nothing."""
        password = self._stack.folder.secret(role).read_text()
        url = make_url(self.start("postgres")["DATABASE_URL"]).set(username=role, password=password)
        return url.render_as_string(hide_password=False)

    @property
    def temporal_files(self) -> list[Path]:
        """The files of Temporal's database: SQLite's own, and those beside it."""
        return sorted((self._stack.folder.path / "temporal").glob("temporal.db*"))

    def kill(self, name: str) -> None:
        self._portal.call(self._stack.kill, name)

    def send(self, name: str, signum: Signals) -> None:
        """Freeze all processes of one (SIGSTOP), or let them go on (SIGCONT)."""
        top = psutil.Process(self._stack.process_id(name))
        for process in (top, *top.children(recursive=True)):
            process.send_signal(signum)

    def restart(self, name: str) -> None:
        self._portal.call(self._stack.restart, name)


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """All servers that can be had, none started yet; their logs are kept in test-logs/ when a test has failed."""
    options = StackOptions(SERVERS, "gemini-simulator", usual_ports=False, for_tests=True)
    stack = Stack(tmp_path_factory.mktemp("stack"), options, user=DEFAULTS)
    with start_blocking_portal() as portal:
        portal.call(stack.open)
        try:
            yield Servers(portal, stack)
        finally:
            portal.call(stack.close)
            if request.session.testsfailed:
                shutil.copytree(stack.folder.logs, LOGS, dirs_exist_ok=True)


@dataclass(frozen=True)
class WholeShop:
    """Everything that `make up` starts, on free ports; any of it can be killed."""

    servers: Servers
    settings: Settings
    chat_api_key: str
    stack: Stack


@pytest.fixture(scope="session")
def whole_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeShop]:
    """A whole shop with Gemini simulated, for the tests that play it as people and bots do."""
    options = StackOptions(provider="gemini-simulator", usual_ports=False, for_tests=True)
    stack = Stack(tmp_path_factory.mktemp("whole") / "某 店", options, user=DEFAULTS)
    with start_blocking_portal() as portal:
        portal.call(stack.open)
        try:
            servers = Servers(portal, stack)
            values: dict[str, Any] = {name.lower(): value for name, value in servers.start().items()}
            secret = stack.folder.secret("chat_api_key").read_text()
            yield WholeShop(servers, Settings(_env_file=None, **values), f"dk_{secret[:16]}_{secret[16:]}", stack)
        finally:
            portal.call(stack.close)
            if request.session.testsfailed:
                shutil.copytree(stack.folder.logs, LOGS / "whole", dirs_exist_ok=True)


@pytest.fixture(scope="session")
def postgres_url(servers: Servers) -> str:
    """An SQLAlchemy URL of an empty database on real Postgres; make a schema of your own in it."""
    return servers.start("postgres")["DATABASE_URL"]


@pytest.fixture(scope="session")
def storage_settings(servers: Servers) -> Mapping[str, str]:
    """How real S3 storage is reached: S3_ENDPOINT_URL, AWS_*, S3_BUCKET_NAME; the first upload makes another bucket."""
    return servers.start("storage")


@pytest.fixture(scope="session")
def simulator_settings(servers: Servers) -> Mapping[str, str]:
    """How the simulators are reached: SIMULATORS_URL, BOT_*, WECHAT_WEBHOOK, SMTP_*, TUHUI_*, GEMINI_*."""
    return servers.start("simulators")


@pytest.fixture(scope="session")
def temporal_address(servers: Servers) -> str:
    """A real Temporal server that can skip time."""
    return servers.start("temporal")["TEMPORAL_ADDRESS"]


@pytest.fixture(scope="module")
async def namespace(temporal_address: str) -> str:
    """A Temporal namespace of this module's own, with the search attributes of an order."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    await bootstrap(temporal_address, name)
    return name


@pytest.fixture
async def temporal_env(temporal_address: str, namespace: str) -> TimeSkipper:
    """A client (`.client`) whose workflows wait in real time until `fast_forward(handle, timedelta)` skips it."""
    client = await Client.connect(temporal_address, namespace=namespace, data_converter=CONVERTER)
    return TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
