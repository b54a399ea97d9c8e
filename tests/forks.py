"""Programs of ours as processes that are forked from one which has imported their code: no start costs a second of CPU.

A forked program is a process of its own, with its own environment, output and process group; only its imports are done.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from runtime.paths import ROOT

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["worker", "cli", "adapters.db.photo_catalogue", "starter.commands.operating.doctor"])


class Forked:
    """A running `python PROGRAM WORDS...`, used like a subprocess.Popen; it leads a process group of its own."""

    def __init__(self, program: str, *words: str, env: Mapping[str, str], out: Path, err: Path) -> None:
        self._args = (program, *words)
        begun, begins = _SERVER.Pipe(duplex=False)
        self._process = _SERVER.Process(target=_run, args=(self._args, dict(env), out, err, begins), daemon=True)
        self._process.start()
        begins.close()
        begun.recv()  # it has its own group, so it can be killed
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return its exit status, negative if a signal ended it, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status. Raises TimeoutExpired if it still runs after so many seconds."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self._args, timeout or 0)
        return status

    def terminate(self) -> None:
        """Send it SIGTERM."""
        self._process.terminate()


def _run(args: tuple[str, ...], env: Mapping[str, str], out: Path, err: Path, begins: Connection) -> None:
    os.setsid()
    begins.send(None)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(env)
    for path, descriptor in ((out, 1), (err, 2)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), descriptor)
    sys.argv = [*args]
    runpy.run_path(args[0], run_name="__main__")
