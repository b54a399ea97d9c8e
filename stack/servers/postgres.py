"""Postgres, from the binaries of a package: TCP on loopback with a password, no sockets in the file system."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from pwd import getpwuid
from signal import SIGINT, SIGQUIT
from typing import ClassVar

import asyncpg

from stack.child import Child, Run
from stack.errors import CannotStart, last_lines
from stack.ports import LOOPBACK
from stack.programs import postgres_program
from stack.servers.server import Server, Site

NAME = "darkroom"  # of the role and of the database
WAIT_TENTHS = 100  # of a second, for a checkpoint that a killed server's child still writes
FOR_TESTS = {"fsync": "off", "full_page_writes": "off"}  # what was committed survives any death but the machine's
SHARED_MEMORY = Path("/proc/sysvipc/shm")


class Postgres(Server):
    """A cluster of our own in the data folder, owned by `nobody` when we are root."""

    name = "postgres"
    usual_ports: ClassVar = {"postgres": 5433}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.folder = site.folder.path / "postgres"
        self.port = site.ports["postgres"]
        self.password_file = site.folder.secret("postgres")
        self.password = self.password_file.read_text()
        place = f"{LOOPBACK}:{self.port}/{NAME}"
        self.settings = {
            "DATABASE_URL": f"postgresql+asyncpg://{NAME}:{self.password}@{place}",
            "DATABASE_SCHEMA": site.user.database_schema,
        }
        self.links = {"Postgres": f"postgresql://{NAME}@{place} (make psql)"}

    def child(self, env: Mapping[str, str]) -> Child:  # noqa: ARG002 - it needs to know nobody
        """Return how it is started."""
        flags = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",  # their paths are too short for deep folders
            "timezone": "UTC",
            **(FOR_TESTS if self.site.for_tests else {}),
        }
        argv = [postgres_program("postgres"), "-D", str(self.folder)]
        argv += [part for name, value in flags.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name=self.name,
            argv=argv,
            never_root_in=self.folder,
            prepare=self._prepare,
            is_ready=self._is_ready,
            bootstrap=self._make_database,
            stop_signal=SIGINT,  # fast: open transactions are rolled back
            orphan_signal=SIGQUIT,  # at once, its own children first; the log is replayed at the next start
        )

    async def _prepare(self) -> None:
        if self.folder.exists():
            await self._wait_for_the_dying()
            self._forget_the_dead()
        else:
            await self._make_cluster()

    async def _wait_for_the_dying(self) -> None:
        """Wait until all processes of a server that was killed are gone: beside them Postgres refuses to start."""
        for _ in range(WAIT_TENTHS):
            if not await asyncio.to_thread(_users_of_memory, self.folder / "postmaster.pid"):
                return
            await asyncio.sleep(0.1)

    def _forget_the_dead(self) -> None:
        """Remove the pid file of a server that was killed: its id may be another process's by now.

        This stack holds the folder, so no other server of ours is at work on it. Raises CannotStart where somebody
        has started one by hand.
        """
        pid_file = self.folder / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = pid_file.read_text().partition("\n")[0].strip()
        if _works_in(pid, self.folder):
            raise CannotStart(f"process {pid} is a Postgres server on {self.folder}; stop that one first")
        pid_file.unlink()

    async def _make_cluster(self) -> None:
        _refuse_a_user_without_a_name()
        draft = self.folder.with_name("postgres.new")  # becomes `postgres` only when it is whole
        shutil.rmtree(draft, ignore_errors=True)  # an earlier start was interrupted
        job = Child(name="initdb", argv=self._initdb(draft), never_root_in=draft, is_job=True)
        log = self.site.folder.logs / "initdb.log"
        run = await Run.start(job, log)
        try:
            if await run.process.wait() != 0:
                raise CannotStart(f"the Postgres cluster cannot be made{last_lines(log)}")
        finally:
            await run.stop()
        draft.rename(self.folder)

    def _initdb(self, folder: Path) -> list[str]:
        return [
            *(postgres_program("initdb"), "-D", str(folder), "--username", NAME, "--pwfile", str(self.password_file)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
        ]

    async def _connect(self, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=LOOPBACK, port=self.port, user=NAME, password=self.password, database=database, timeout=5
        )

    async def _is_ready(self) -> bool:
        try:
            connection = await self._connect("postgres")
        except (OSError, asyncpg.CannotConnectNowError):  # nobody listens yet; it replays its log
            return False
        await connection.close()
        return True

    async def _make_database(self) -> None:
        connection = await self._connect("postgres")
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", NAME):
                await connection.execute(f'CREATE DATABASE "{NAME}"')
        finally:
            await connection.close()


def _refuse_a_user_without_a_name() -> None:
    """Containers run so; initdb wants to look the name up. Raises CannotStart."""
    try:
        getpwuid(os.geteuid())
    except KeyError:
        raise CannotStart(
            f"Postgres cannot make its files for user {os.geteuid()}, who has no name: add a line to /etc/passwd, such "
            f"as darkroom:x:{os.geteuid()}:{os.getegid()}::/tmp:/bin/sh, or run as a user who has one"
        ) from None


def _works_in(pid: str, folder: Path) -> bool:
    """Whether a process of that id lives and works in a folder, as a Postgres server does in its cluster's."""
    try:
        return (Path("/proc") / pid / "cwd").resolve(strict=True) == folder.resolve()
    except OSError:  # it has ended, or is another user's
        return False


def _users_of_memory(pid_file: Path) -> int:
    """Return how many processes use the shared memory that a server named in its pid file, line 7: its key and id."""
    if not (pid_file.exists() and SHARED_MEMORY.exists()):
        return 0
    named = pid_file.read_text().splitlines()[6:7]
    memory_id = named[0].split()[-1] if named and named[0].split() else ""
    blocks = [line.split() for line in SHARED_MEMORY.read_text().splitlines()[1:]]
    return sum(int(block[6]) for block in blocks if block[1] == memory_id)
