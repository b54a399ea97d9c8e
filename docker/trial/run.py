"""Tries the containers for real: builds the images, brings the demo up by docker-compose.yml, plays an order, measures.

Where there is no engine that can be reached, a `dockerd` of this machine is started for the trial, by root only. Where an
image cannot be pulled, a stand-in for it is made of a plain Debian (`debootstrap`) and the programs of our packages:
see stand-ins/Dockerfile. Everything is done in a folder outside the checkout and is removed at the end, but for images.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from stack.programs import postgres_program

ROOT = Path(__file__).parents[2]
STAND_INS = Path(__file__).parent / "stand-ins"
SCRIPTS = Path(sysconfig.get_path("scripts"))
FOLDER = Path(os.environ.get("DOCKER_TRIAL") or "/var/tmp/darkroom-trial")  # noqa: S108 - kept over trials: the base takes a minute
PROJECT = "darkroom-trial"
BASE = f"{PROJECT}/base"
OURS = {"darkroom": {}, "darkroom-simulators": {"CONTENTS": "with-simulators"}}
DEBIAN = "bookworm"  # whose Python is 3.11, too
PACKAGES = "python3,python3-pip,python3-venv,ca-certificates,wget"
BASE_ENV = "ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8"


class Skipped(Exception):
    """There is nothing here to try with; the text says what is missing."""


def say(text: str) -> None:
    print(text, flush=True)


def output(*words: str | Path) -> str:
    """Run a command, and return what it prints. Raises CalledProcessError."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def succeeds(*words: str | Path) -> bool:
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


# ---- the engine ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def engine() -> Iterator[None]:
    """An engine that can be reached: the one that is there, else one that lives as long as the trial."""
    if not shutil.which("docker"):
        raise Skipped("there is no `docker`")
    if succeeds("docker", "info"):
        yield
        return
    if os.geteuid() != 0 or not shutil.which("dockerd"):
        raise Skipped("no engine can be reached, and none can be started (`dockerd`, by root)")
    address = f"unix://{FOLDER}/docker.sock"
    log = (FOLDER / "dockerd.log").open("w")
    daemon = subprocess.Popen(
        ["dockerd", f"--data-root={FOLDER}/data", f"--exec-root={FOLDER}/exec", f"--pidfile={FOLDER}/pid", "-H", address],
        stdout=log, stderr=log,
    )  # fmt: skip
    os.environ["DOCKER_HOST"] = address
    try:
        for _ in range(60):
            if succeeds("docker", "info"):
                break
            if daemon.poll() is not None:
                raise Skipped(f"`dockerd` does not start here: see {log.name}")
            time.sleep(0.5)
        yield
    finally:
        daemon.terminate()
        daemon.wait()


def client_that_builds() -> Sequence[str]:
    """Return the command that builds with BuildKit: newer ones need a plug-in for that, older ones have it inside."""
    if succeeds("docker", "buildx", "version"):
        return ["docker", "build"]
    for path in (shutil.which("docker"), "/usr/bin/docker"):
        if path and "20.10" in output(path, "--version"):
            return [path, "build"]
    raise Skipped("this `docker` cannot build: it has neither buildx nor BuildKit")


# ---- images ----------------------------------------------------------------------------------------------------------


def is_to_be_had(image: str) -> bool:
    """Whether the real image is here, or can be pulled."""
    if succeeds("docker", "image", "inspect", image):
        return True
    try:
        pull = subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, check=False, timeout=300)
    except subprocess.TimeoutExpired:
        return False
    return pull.returncode == 0


def make_base() -> None:
    """Import a plain Debian with Python, once."""
    if succeeds("docker", "image", "inspect", BASE):
        return
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise Skipped("images cannot be pulled here, and stand-ins need `debootstrap`, by root")
    say("making a stand-in for base images ...")
    root = FOLDER / "base"
    shutil.rmtree(root, ignore_errors=True)
    output("debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, root)
    (root / "usr" / "bin" / "python").symlink_to("python3")
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")  # whom this machine trusts, pip trusts inside
    shutil.copy(bundle, root / bundle.relative_to("/"))
    for folder in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(root / folder)
    tar = subprocess.Popen(["tar", "--directory", root, "--create", "."], stdout=subprocess.PIPE)
    subprocess.run(["docker", "import", "--change", BASE_ENV, "-", BASE], stdin=tar.stdout, check=True)
    tar.wait()
    shutil.rmtree(root)


def make_stand_in(build: Sequence[str], service: str) -> str:
    """Build a stand-in for the image of a service, and return its name."""
    make_base()
    name = f"{PROJECT}/{service}"
    with tempfile.TemporaryDirectory(dir=FOLDER) as context:
        shutil.copytree(STAND_INS, context, dirs_exist_ok=True)
        package = Path(postgres_program("postgres")).parents[2]
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, Path(context) / folder.name)
        for program in ("temporal", "weed"):
            os.link(SCRIPTS / program, Path(context) / program)
        output(*build, "--quiet", "--tag", name, "--target", service, context)
    return name


def build_ours(build: Sequence[str], python: str) -> None:
    """Build our images, with pip set as it is on this machine; none of that stays in them."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf", dir=FOLDER) as file:
        file.write(pip_configuration())
        file.flush()
        for name, arguments in OURS.items():
            began = time.monotonic()
            options = [f"--build-arg={key}={value}" for key, value in {**arguments, "PYTHON": python}.items()]
            output(
                *build, "--quiet", "--network=host", f"--secret=id=pip.conf,src={file.name}",
                "--tag", f"{PROJECT}/{name}", *options, ROOT,
            )  # fmt: skip
            size = int(output("docker", "image", "inspect", "--format", "{{.Size}}", f"{PROJECT}/{name}"))
            say(f"{name}: built in {time.monotonic() - began:.0f} s, {size / 1e6:.0f} MB")


def pip_configuration() -> str:
    """Return pip's configuration of this machine, but for files that are not in the build."""
    lines = []
    for line in output(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        key, wanted = name.rpartition(".")[2], value.strip("'")
        if key in {"index-url", "extra-index-url", "trusted-host", "timeout"} and "file:" not in wanted:
            lines.append(f"{key} = {wanted}")
    return "\n".join(["[global]", *lines, ""])


# ---- the containers --------------------------------------------------------------------------------------------------


class Containers:
    """What docker-compose.yml describes, with other images where real ones are not to be had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for path in ("docker-compose.yml", "docker"):
            source = ROOT / path
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / path)
        output("sh", folder / "docker" / "new-env.sh")
        self.described: Mapping[str, Any] = json.loads(self.compose("config", "--format", "json"))["services"]

    def compose(self, *words: str) -> str:
        return output(
            SCRIPTS / "docker-compose", "--project-directory", self._folder, "--project-name", PROJECT,
            *(part for file in sorted(self._folder.glob("docker-compose*.yml"), reverse=True) for part in ("-f", file)),
            "--profile", "demo", *words,
        )  # fmt: skip

    def use(self, images: Mapping[str, str]) -> None:
        """Take these images instead, and publish no port that somebody has taken."""
        lines = ["services:"]
        for name, image in images.items():
            lines += [f"  {name}:", f"    image: {image}", "    build: !reset null", "    pull_policy: never"]
            if any(not is_free(int(port["published"])) for port in self.described[name].get("ports", [])):
                say(f"a port of {name} is taken: it is not published")
                lines.append("    ports: !reset []")
        (self._folder / "docker-compose-trial.yml").write_text("\n".join([*lines, ""]))

    def container(self, service: str) -> str:
        return self.compose("ps", "--all", "--quiet", service)


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def measure(containers: Containers) -> None:
    """Tell how soon each server was ready after it was started, and what memory it takes."""
    servers = [name for name, described in containers.described.items() if described.get("healthcheck")]
    for service in servers:
        container = containers.container(service)
        state = json.loads(output("docker", "inspect", "--format", "{{json .State}}", container))
        started = instant(state["StartedAt"])
        first = next((look for look in state["Health"]["Log"] if look["ExitCode"] == 0), None)
        ready = f"{(instant(first['End']) - started).total_seconds():.1f} s" if first else "?"
        memory = output("docker", "stats", "--no-stream", "--format", "{{.MemUsage}}", container)
        say(f"{service:<12} healthy by its check after {ready:>8}, memory {memory}")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00")


def layers(image: str) -> None:
    rows = output("docker", "history", "--format", "{{.Size}}\t{{.CreatedBy}}", image).splitlines()
    for row in rows:
        size, _, made_by = row.partition("\t")
        if size != "0B":
            say(f"    {size:>8}  {made_by[:90]}")


def prove_read_only(containers: Containers) -> None:
    """See that the worker is not root, and can write to /tmp alone."""
    code = (
        "import os, pathlib, sys\n"
        "def can(path):\n"
        "    try: pathlib.Path(path, 'x').touch(); return True\n"
        "    except OSError: return False\n"
        "print(os.getuid(), [path for path in ('/', '/app', '/venv', '/var', '/home', '/tmp') if can(path)],"
        " pathlib.Path('/proc/1/status').read_text().split('CapEff:')[1].split()[0])"
    )
    for service in ("worker", "gateway"):
        seen = output("docker", "exec", containers.container(service), "python", "-c", code)
        say(f"{service}: user, where it can write, powers: {seen}")
        assert seen == "10001 ['/tmp'] 0000000000000000"


def run() -> None:
    build = client_that_builds()
    os.environ["DOCKER_BUILDKIT"] = "1"
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="compose-") as temporary:
        containers = Containers(Path(temporary))
        python = next(
            line.partition("=")[2] for line in (ROOT / "Dockerfile").read_text().splitlines() if "ARG PYTHON=" in line
        )
        if not is_to_be_had(python):
            make_base()
            python = BASE
        say(f"Python comes from {python}")
        build_ours(build, python)
        layers(f"{PROJECT}/darkroom")
        images = {}
        for service, described in containers.described.items():
            name = described["image"].partition(":")[0]
            if name in OURS:
                images[service] = f"{PROJECT}/{name}"
            elif not is_to_be_had(described["image"]):
                images[service] = make_stand_in(build, service)
                say(f"{service}: a stand-in for {described['image']}")
        containers.use(images)
        try:
            began = time.monotonic()
            containers.compose("up", "--detach", "--wait", "--wait-timeout", "240", "--no-build")
            say(f"everything is up after {time.monotonic() - began:.0f} s")
            prove_read_only(containers)
            play(containers)
            measure(containers)
            stop(containers)
        except subprocess.CalledProcessError:
            say(containers.compose("ps", "--all"))
            say(containers.compose("logs", "--tail", "30"))
            raise
        finally:
            containers.compose("down", "--volumes", "--timeout", "5")


def play(containers: Containers) -> None:
    """Let an order go through, from inside the network of the containers."""
    script = (Path(__file__).parent / "order.py").read_text()
    container = containers.container("simulators")
    played = subprocess.run(["docker", "exec", "-i", container, "python", "-"], input=script, text=True, check=False)
    if played.returncode:
        raise subprocess.CalledProcessError(played.returncode, "order.py")


def stop(containers: Containers) -> None:
    """Stop worker and gateway as a redeploy does, and see that they end of themselves."""
    for service in ("gateway", "worker"):
        container, began = containers.container(service), time.monotonic()
        containers.compose("stop", service)
        status = output("docker", "inspect", "--format", "{{.State.ExitCode}}", container)
        say(f"{service}: stopped with status {status} in {time.monotonic() - began:.1f} s")
        assert status == "0"


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with engine():
            run()
    except Skipped as reason:
        say(f"skipped: {reason}")
    except (subprocess.CalledProcessError, AssertionError) as error:
        say(f"the containers do not work: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
