"""The container engine of the trial: a reachable one, else its own `dockerd`."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_SECONDS = 30  # seconds until an engine has started


class Skipped(Exception):
    """The trial is not possible here; the text says what is missing."""


def say(text: str) -> None:
    """Print immediately, because a trial takes minutes."""
    print(text, flush=True)


def output(*words: str | Path) -> str:
    """Run a command and return its output; its errors are printed immediately. Raises CalledProcessError."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def succeeds(*words: str | Path) -> bool:
    """Run a command without output, and return whether it succeeded."""
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


@contextmanager
def engine(folder: Path) -> Iterator[None]:
    """Provide an engine until the block ends. Raises Skipped."""
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
    """Return the command that builds with BuildKit, which new engines need a plug-in for.

    Raises Skipped.
    """
    os.environ["DOCKER_BUILDKIT"] = "1"
    if succeeds("docker", "buildx", "version"):
        return ["docker", "build"]
    for path in (shutil.which("docker"), "/usr/bin/docker"):
        if path and Path(path).exists() and " 20.10" in output(path, "--version"):
            return [path, "build"]
    raise Skipped("this `docker` cannot build: it has no buildx")
