"""The images of the trial: ours are built, others are pulled or replaced by stand-ins."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from docker.trial.engine import Skipped, output, say, succeeds
from stack.programs import postgres_program

ROOT = Path(__file__).parents[2]
PREFIX = "darkroom-trial"
BASE = f"{PREFIX}/base"
OURS: Mapping[str, Mapping[str, str]] = {"darkroom": {}, "darkroom-simulators": {"CONTENTS": "with-simulators"}}
DEBIAN = "bookworm"  # has Python 3.11, like the image
PACKAGES = "python3,python3-pip,python3-venv,ca-certificates,wget"
BASE_ENV = "ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8"
PULLING_SECONDS = 300
SETTINGS_OF_PIP = {"index-url", "extra-index-url", "trusted-host", "timeout"}


class Images:
    """Provides the images of the trial; the base of the stand-ins is built in `folder`."""

    def __init__(self, folder: Path, build: list[str]) -> None:
        self._folder = folder
        self._build = build

    def ours(self) -> None:
        """Build our two images."""
        python = next(
            line.partition("=")[2] for line in (ROOT / "Dockerfile").read_text().splitlines() if "ARG PYTHON=" in line
        )
        if not self._is_to_be_had(python):
            self._make_base()
            say(f"Python: a stand-in for {python}")
            python = BASE
        with tempfile.NamedTemporaryFile("w", dir=self._folder) as pip:
            pip.write(_pip_configuration())
            pip.flush()
            for name, arguments in OURS.items():
                began = time.monotonic()
                options = [f"--build-arg={key}={value}" for key, value in {**arguments, "PYTHON": python}.items()]
                options += ["--network=host", f"--secret=id=pip.conf,src={pip.name}"]
                output(*self._build, "--quiet", "--tag", f"{PREFIX}/{name}", *options, ROOT)
                say(f"{name}: built in {time.monotonic() - began:.0f} s, {_megabytes(f'{PREFIX}/{name}')}")
        _tell_layers(f"{PREFIX}/darkroom")

    def of_others(self, service: str, image: str) -> str:
        """Return the image if it is available, else a stand-in."""
        if self._is_to_be_had(image):
            return image
        self._make_base()
        say(f"{service}: a stand-in for {image}")
        with tempfile.TemporaryDirectory(dir=self._folder) as context:
            shutil.copytree(Path(__file__).parent / "stand-ins", context, dirs_exist_ok=True)
            package = Path(postgres_program("postgres")).parents[2]
            for folder in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(folder, Path(context) / folder.name)
            for program in ("temporal", "weed"):
                shutil.copy(Path(sysconfig.get_path("scripts")) / program, context)
            name = f"{PREFIX}/{service}"
            output(*self._build, "--quiet", "--tag", name, "--target", service, context)
        return name

    @staticmethod
    def _is_to_be_had(image: str) -> bool:
        if succeeds("docker", "image", "inspect", image):
            return True
        pull = ["docker", "pull", "--quiet", image]
        try:
            return subprocess.run(pull, capture_output=True, check=False, timeout=PULLING_SECONDS).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def _make_base(self) -> None:
        """Import a plain Debian with Python, once. Raises Skipped."""
        if succeeds("docker", "image", "inspect", BASE):
            return
        if os.geteuid() != 0 or not shutil.which("debootstrap"):
            raise Skipped("images cannot be pulled here, and stand-ins for them take root, and `debootstrap`")
        say("making a plain Debian, of which stand-ins are made ...")
        root = self._folder / "debian"
        shutil.rmtree(root, ignore_errors=True)
        output("debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, root)
        (root / "usr" / "bin" / "python").symlink_to("python3")
        bundle = Path("/etc/ssl/certs/ca-certificates.crt")  # pip in the build trusts the CAs of this machine
        shutil.copy(bundle, root / bundle.relative_to("/"))
        for leftovers in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(root / leftovers)
        with subprocess.Popen(["tar", "--directory", root, "--create", "."], stdout=subprocess.PIPE) as tar:
            subprocess.run(["docker", "import", "--change", BASE_ENV, "-", BASE], stdin=tar.stdout, check=True)
        shutil.rmtree(root)


def _pip_configuration() -> str:
    """Return pip's settings on this machine, except those in files, which the build does not have."""
    lines = []
    for line in output(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        key, wanted = name.rpartition(".")[2], value.strip("'")
        if key in SETTINGS_OF_PIP and "file:" not in wanted:
            lines.append(f"{key} = {wanted}")
    return "\n".join(["[global]", *lines, ""])


def _megabytes(image: str) -> str:
    return f"{int(output('docker', 'image', 'inspect', '--format', '{{.Size}}', image)) / 1e6:.0f} MB"


def _tell_layers(image: str) -> None:
    for row in output("docker", "history", "--format", "{{.Size}}\t{{.CreatedBy}}", image).splitlines():
        size, _, made_by = row.partition("\t")
        if size != "0B":
            say(f"  {size:>8}  {made_by[:80]}")
