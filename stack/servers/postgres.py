"""Postgres from packaged binaries: TCP on loopback with a password, without Unix sockets."""

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

NAME = "darkroom"  # of the owner of the tables, who is the superuser, and of the database
LOGINS = ("darkroom_worker", "darkroom_gateway")  # as in docs/database-roles.sql, and the role of signed-in users
USERS = "darkroom_user"
WAIT_TENTHS = 100  # of a second, for a last checkpoint by a child of a killed server
FOR_TESTS = {"fsync": "off", "full_page_writes": "off"}  # commits survive a crash of the server, not of the machine
SHARED_MEMORY = Path("/proc/sysvipc/shm")


class Postgres(Server):
    """A cluster in the data folder, owned by `nobody` if we are root."""

    name = "postgres"
    usual_ports: ClassVar = {"postgres": 5433}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.folder = site.folder.path / "postgres"
        self.port = site.ports["postgres"]
        self.password_file = site.folder.secret("postgres")
        self.password = self.password_file.read_text()
        self.settings = {
            "DATABASE_URL": _url(NAME, self.password, self.port),
            "DATABASE_SCHEMA": site.user.database_schema,
        }
        self.links = {"Postgres": f"postgresql://{NAME}@{LOOPBACK}:{self.port}/{NAME} (make psql)"}

    def child(self, env: Mapping[str, str]) -> Child:  # noqa: ARG002 - it needs no settings
        """Return its child process."""
        flags = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",  # socket paths are limited in length
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
            bootstrap=self._make_database_and_roles,
            stop_signal=SIGINT,  # fast shutdown: open transactions are rolled back
            orphan_signal=SIGQUIT,  # immediate shutdown, including children; the next start replays the WAL
        )

    async def _prepare(self) -> None:
        if self.folder.exists():
            await self._wait_for_the_dying()
            self._forget_the_dead()
        else:
            await self._make_cluster()

    async def _wait_for_the_dying(self) -> None:
        """Wait until all processes of a killed server are gone; until then Postgres refuses to start."""
        for _ in range(WAIT_TENTHS):
            if not await asyncio.to_thread(_users_of_memory, self.folder / "postmaster.pid"):
                return
            await asyncio.sleep(0.1)

    def _forget_the_dead(self) -> None:
        """Remove the pid file of a killed server, as its id may already belong to another process.

        We hold the folder, so no other stack has a server on it. Raises CannotStart if one was started by hand.
        """
        pid_file = self.folder / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = pid_file.read_text().partition("\n")[0].strip()
        if _works_in(pid, self.folder):
            raise CannotStart(f"process {pid} is a Postgres server on {self.folder}; stop it first")
        pid_file.unlink()

    async def _make_cluster(self) -> None:
        _refuse_a_user_without_a_name()
        draft = self.folder.with_name("postgres.new")  # renamed to `postgres` when complete
        shutil.rmtree(draft, ignore_errors=True)  # left by an interrupted start
        job = Child(name="initdb", argv=self._initdb(draft), never_root_in=draft, is_job=True)
        log = self.site.folder.logs / "initdb.log"
        run = await Run.start(job, log)
        try:
            if await run.process.wait() != 0:
                raise CannotStart(f"cannot create the Postgres cluster{last_lines(log)}")
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
        except (OSError, asyncpg.CannotConnectNowError):  # not listening yet, or replaying its WAL
            return False
        await connection.close()
        return True

    async def _make_database_and_roles(self) -> None:
        connection = await self._connect("postgres")
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", NAME):
                await connection.execute(f'CREATE DATABASE "{NAME}"')
            for role in LOGINS:
                known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
                action = "ALTER" if known else "CREATE"
                await connection.execute(f"{action} ROLE {role} LOGIN PASSWORD '{_password(self.site, role)}'")
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", USERS):  # a restore needs it
                await connection.execute(f"CREATE ROLE {USERS} NOLOGIN")
            await connection.execute(f"GRANT {USERS} TO darkroom_gateway WITH INHERIT FALSE, SET TRUE")
        finally:
            await connection.close()


def as_role(site: Site, role: str, env: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings of a process that logs in to the stack's Postgres, if it runs here, as a role of its own."""
    if Postgres.name not in site.ports:
        return env
    return {**env, "DATABASE_URL": _url(role, _password(site, role), site.ports[Postgres.name])}


def _password(site: Site, role: str) -> str:
    return site.folder.secret(role).read_text()


def _url(role: str, password: str, port: int) -> str:
    return f"postgresql+asyncpg://{role}:{password}@{LOOPBACK}:{port}/{NAME}"


def _refuse_a_user_without_a_name() -> None:
    """Refuse a user id without a name, as containers may have: initdb needs one. Raises CannotStart."""
    try:
        getpwuid(os.geteuid())
    except KeyError:
        raise CannotStart(
            f"Postgres needs a user with a name, but user {os.geteuid()} has none: add a line to /etc/passwd, e.g. "
            f"darkroom:x:{os.geteuid()}:{os.getegid()}::/tmp:/bin/sh, or run as another user"
        ) from None


def _works_in(pid: str, folder: Path) -> bool:
    """Whether a process is running with this working directory, as a Postgres server does in its cluster's folder."""
    try:
        return (Path("/proc") / pid / "cwd").resolve(strict=True) == folder.resolve()
    except OSError:  # it has exited, or belongs to another user
        return False


def _users_of_memory(pid_file: Path) -> int:
    """Return the number of processes attached to a server's shared memory (key and id: line 7 of its pid file)."""
    if not (pid_file.exists() and SHARED_MEMORY.exists()):
        return 0
    named = pid_file.read_text().splitlines()[6:7]
    memory_id = named[0].split()[-1] if named and named[0].split() else ""
    blocks = [line.split() for line in SHARED_MEMORY.read_text().splitlines()[1:]]
    return sum(int(block[6]) for block in blocks if block[1] == memory_id)
