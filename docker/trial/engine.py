"""An engine for the trial: the one that can be reached, else a `dockerd` of its own."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_SECONDS = 30  # seconds until an engine has started


class Skipped(Exception):
    """There is nothing here to try with; the text says what is missing."""


def say(text: str) -> None:
    """Tell at once: a trial takes minutes."""
    print(text, flush=True)


def output(*words: str | Path) -> str:
    """Run a command and return what it prints; its complaints are seen at once. Raises CalledProcessError."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def succeeds(*words: str | Path) -> bool:
    """Run a command in silence, and say whether it ended well."""
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


@contextmanager
def engine(folder: Path) -> Iterator[None]:
    """Have an engine for as long as it is needed. Raises Skipped."""
    if not shutil.which("docker"):
        raise Skipped("there is no `docker`")
    if succeeds("docker", "info"):
        yield
        return
    if os.geteuid() != 0 or not shutil.which("dockerd"):
        raise Skipped("no engine can be reached, and none can be started: that takes root, and `dockerd`")
    log, address = folder / "dockerd.log", f"unix://{folder}/docker.sock"
    with log.open("w") as stream:
        places = [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"]
        daemon = subprocess.Popen(["dockerd", *places, "--host", address], stdout=stream, stderr=stream)
    os.environ["DOCKER_HOST"] = address
    try:
        _wait_for(daemon, log)
        yield
    finally:
        daemon.terminate()
        daemon.wait()


def _wait_for(daemon: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + TIMEOUT_SECONDS
    while not succeeds("docker", "info"):
        if daemon.poll() is not None or time.monotonic() > end:
            raise Skipped(f"`dockerd` does not start here: see {log}")
        time.sleep(0.5)


def building_client() -> list[str]:
    """Return the command that builds by BuildKit: new ones need a plug-in for it, old ones have it inside.

    Raises Skipped.
    """
    os.environ["DOCKER_BUILDKIT"] = "1"
    if succeeds("docker", "buildx", "version"):
        return ["docker", "build"]
    for path in (shutil.which("docker"), "/usr/bin/docker"):
        if path and Path(path).exists() and " 20.10" in output(path, "--version"):
            return [path, "build"]
    raise Skipped("this `docker` cannot build: it has no buildx")
