"""Runs and inspects the containers of docker-compose.yml, from a copy of it outside the checkout."""

import json
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from docker.trial.engine import output, say
from docker.trial.images import OURS, PREFIX, ROOT, Images

COMPOSE = Path(sysconfig.get_path("scripts")) / "docker-compose"
UP_SECONDS = 240
READY_LINES = {"worker": '"worker started"', "gateway": "Application startup complete"}  # logged once ready
# The rights of a process: its user id, folders it can write to, and its capabilities.
LOOK = """
import os, pathlib
def can_write(folder):
    try:
        pathlib.Path(folder, "trial").touch()
    except OSError:
        return False
    return True
powers = pathlib.Path("/proc/self/status").read_text().partition("CapEff:")[2].split()[0]
folders = [folder for folder in ("/", "/app", "/venv", "/var/tmp", "/tmp") if can_write(folder)]
print(os.getuid(), folders, int(powers, 16))
"""
# What the gateway's role must not be able to do.
OWN_A_TABLE = """
import asyncio, os, asyncpg
async def make():
    connection = await asyncpg.connect(os.environ["DATABASE_URL"].replace("+asyncpg", ""))
    try:
        await connection.execute("CREATE TABLE trial (number int)")
    except asyncpg.PostgresError as error:
        return type(error).__name__
print(asyncio.run(make()))
"""


class Containers:
    """A copy of docker-compose.yml with an .env of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = ["docker-compose.yml"]
        shutil.copy(ROOT / "docker-compose.yml", folder)
        shutil.copytree(ROOT / "docker", folder / "docker")
        output("sh", folder / "docker" / "new-env.sh")
        self._services: Mapping[str, Any] = json.loads(self.compose("config", "--format", "json"))["services"]

    def compose(self, *words: str) -> str:
        """Run a compose command and return its output. Raises CalledProcessError."""
        files = [part for name in self._files for part in ("--file", f"{self._folder}/{name}")]
        return output(COMPOSE, "--project-name", PREFIX, *files, "--profile", "demo", "--progress", "quiet", *words)

    def take(self, images: Images) -> None:
        """Use the images available here, and publish only free ports."""
        lines = ["services:"]
        for name, described in self._services.items():
            image, _, _ = described["image"].partition(":")
            chosen = f"{PREFIX}/{image}" if image in OURS else images.of_others(name, described["image"])
            lines += [f"  {name}:", f"    image: {chosen}", "    build: !reset null", "    pull_policy: never"]
            if not all(_is_free(int(port["published"])) for port in described.get("ports", [])):
                say(f"{name}: its port is taken here, and not published")
                lines.append("    ports: !reset []")
        (self._folder / "trial.yml").write_text("\n".join([*lines, ""]))
        self._files.append("trial.yml")

    def start(self) -> None:
        """Start everything and wait until it is healthy."""
        began = time.monotonic()
        self.compose("up", "--detach", "--wait", "--wait-timeout", str(UP_SECONDS), "--no-build")
        say(f"everything is up after {time.monotonic() - began:.0f} s")
        for service in ("worker", "gateway"):
            may = output("docker", "exec", self._container(service), "python", "-c", LOOK)
            say(f"{service}: user, where it can write, powers of root: {may}")
            assert may == "10001 ['/tmp'] 0", f"{service} may more than it should"
        owner = output("docker", "exec", self._container("gateway"), "python", "-c", OWN_A_TABLE)
        assert owner == "InsufficientPrivilegeError", f"the gateway could make a table: {owner}"
        output("docker", "exec", self._container("worker"), "darkroom", "doctor")

    def start_again(self) -> None:
        """Start everything again: what runs at each start must be idempotent."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", str(UP_SECONDS), "--no-build")

    def play(self) -> None:
        """Play an order from inside the network. Raises CalledProcessError."""
        script = (Path(__file__).parent / "order.py").read_text()
        command = ["docker", "exec", "--interactive", self._container("simulators"), "python", "-"]
        subprocess.run(command, input=script, text=True, check=True)

    def measure(self) -> None:
        """Print how long worker and gateway took to get ready, and the memory of each container."""
        for service, line in READY_LINES.items():
            container = self._container(service)
            started = _instant(output("docker", "inspect", "--format", "{{.State.StartedAt}}", container))
            logged = subprocess.run(
                ["docker", "logs", "--timestamps", container], check=True, text=True, capture_output=True
            )
            lines = f"{logged.stdout}{logged.stderr}".splitlines()
            seconds = next((_instant(each) - started).total_seconds() for each in lines if line in each)
            say(f"{service}: ready {seconds:.1f} s after its start")
        for service in [name for name, described in self._services.items() if described.get("healthcheck")]:
            memory = output("docker", "stats", "--no-stream", "--format", "{{.MemUsage}}", self._container(service))
            say(f"{service:<12} {memory}")

    def stop(self) -> None:
        """Stop gateway and worker like a redeploy, and check that they shut down by themselves."""
        for service in ("gateway", "worker"):
            container, began = self._container(service), time.monotonic()
            self.compose("stop", service)
            status = output("docker", "inspect", "--format", "{{.State.ExitCode}}", container)
            say(f"{service}: ended with {status}, {time.monotonic() - began:.1f} s after it was told to stop")
            assert status in {"0", "143"}, f"{service} did not shut down"  # uvicorn exits by the signal it got

    def tell_all(self) -> None:
        """Print the logs of all containers, to diagnose a failure."""
        say(self.compose("ps", "--all"))
        say(self.compose("logs", "--no-color", "--tail", "25"))

    def remove(self) -> None:
        """Remove the containers and their volumes."""
        self.compose("down", "--volumes", "--timeout", "5")

    def _container(self, service: str) -> str:
        return self.compose("ps", "--all", "--quiet", service)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _instant(text: str) -> datetime:
    """Parse the engine's timestamp at the start of a text; it has nanoseconds, which Python does not accept."""
    return datetime.fromisoformat(f"{text[:26].rstrip('Z')}+00:00")
