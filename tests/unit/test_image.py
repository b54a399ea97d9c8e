"""The Dockerfile: what goes into the image is there, is all that the application imports, and is nothing else."""

import ast
import re
import runpy
import shlex
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import ValidationError

from runtime.settings import Settings
from tests.syntax import syntax_tree

ROOT = Path(__file__).parents[2]
DEFAULT, DEMO = "app", "with-simulators"
# Commands of a checkout, which import these only when they are called (cli.py).
OF_A_CHECKOUT = {"stack", "demo"}
SCRIPTS = ("docker/darkroom", "docker/healthy.py")
OTHERS_VARIABLES = {"PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "LANG", "HOME"}


class Copy(NamedTuple):
    """An instruction that copies: from a stage, or from the folder where it is None."""

    stage: str | None
    sources: list[str]


class Stage(NamedTuple):
    """A stage of the build."""

    base: str
    instructions: list[tuple[str, str]]

    @property
    def copies(self) -> list[Copy]:
        """What it copies."""
        found = []
        for name, rest in self.instructions:
            if name == "COPY":
                words = shlex.split(rest)
                flags = dict(word[2:].split("=") for word in words if word.startswith("--"))
                found.append(Copy(flags.get("from"), [word for word in words if not word.startswith("--")][:-1]))
        return found


def lines() -> Iterator[tuple[str, str]]:
    text = re.sub(r"^ *#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def stages() -> dict[str, Stage]:
    found: dict[str, Stage] = {}
    current: list[tuple[str, str]] = []
    for name, rest in lines():
        if name == "FROM":
            base, _, stage = rest.partition(" AS ")
            current = []
            found[stage or "the image"] = Stage(base, current)
        else:
            current.append((name, rest))
    return found


STAGES = stages()
ARGUMENTS = dict(rest.split("=") for name, rest in lines() if name == "ARG")


def contents(stage: str) -> set[str]:
    """Return the paths of our own folder that end up in a stage."""
    if stage not in STAGES:
        return set()
    found = contents(STAGES[stage].base)
    for copy in STAGES[stage].copies:
        found |= contents(copy.stage) if copy.stage else set(copy.sources)
    return found


def variables(stage: str) -> dict[str, str]:
    texts = [rest for name, rest in STAGES[stage].instructions if name == "ENV"]
    return dict(word.split("=", 1) for text in texts for word in shlex.split(text))


def top(path: str) -> str:
    return path.partition("/")[0].removesuffix(".py")


def imported(file: Path) -> Iterator[str]:
    """Return the modules of ours that a file imports, wherever in it."""
    for node in ast.walk(syntax_tree(file)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        else:
            continue
        for name in names:
            if (ROOT / f"{top(name.replace('.', '/'))}.py").exists() or (ROOT / name.partition(".")[0]).is_dir():
                yield name.partition(".")[0]


def needed(*scripts: str) -> set[str]:
    """Return the top-level modules and packages of ours that these need, and what these need in turn."""
    seen: set[str] = set()
    waiting = {name for script in scripts for name in imported(ROOT / script)} - OF_A_CHECKOUT
    while waiting:
        name = waiting.pop()
        seen.add(name)
        files = [ROOT / f"{name}.py"] if (ROOT / f"{name}.py").exists() else (ROOT / name).rglob("*.py")
        waiting |= {other for file in files for other in imported(file)} - OF_A_CHECKOUT - seen
    return seen


def test_the_image_holds_every_module_that_the_application_imports_and_no_other() -> None:
    held = {top(path) for path in contents(DEFAULT) if path.endswith(".py") or (ROOT / path).is_dir()}
    wanted = needed("worker.py", "gateway/__main__.py", "cli.py", *SCRIPTS) | {"worker", "gateway", "cli"}
    assert held - {"docker"} == wanted


def test_the_usual_image_holds_nothing_of_tests_and_simulators() -> None:
    assert {
        path for path in contents(DEFAULT) if top(path) in {"stack", "simulators", "demo", "tests", "benchmarks"}
    } == set()
    assert ARGUMENTS["CONTENTS"] == DEFAULT
    assert STAGES["the image"] == Stage("${CONTENTS}", [])


def test_the_simulators_image_holds_what_they_need() -> None:
    held = contents(DEMO)
    assert contents(DEFAULT) < held
    assert {"simulators", "demo/photos", "docker/chat_key.py", "/locks/simulators.txt"} <= held | {
        f"/{path}" for path in held
    }
    assert needed("simulators/__main__.py", "docker/chat_key.py") <= {top(path) for path in held}


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_is_copied_is_there_and_let_into_the_build(stage: str) -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for copy in STAGES[stage].copies:
        if copy.stage is not None:
            assert copy.stage in STAGES
            continue
        for source in copy.sources:
            assert (ROOT / source).exists(), source
            assert any(fnmatch(source, pattern) or source.startswith(f"{pattern}/") for pattern in let_in), source


def test_a_build_sees_nothing_but_what_it_is_made_of() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert let_in - {"*.py"} == {
        source if source == "demo/photos" else source.partition("/")[0]
        for stage in STAGES.values()
        for copy in stage.copies
        if copy.stage is None
        for source in copy.sources
        if not source.endswith(".py") or "/" in source
    }


def test_packages_are_the_locked_ones_by_hash() -> None:
    commands = [rest for stage in STAGES.values() for name, rest in stage.instructions if name == "RUN"]
    installs = [rest for rest in commands if re.search(r"\bpip\b.* install ", rest)]
    assert len(installs) == 2
    for rest in installs:
        assert "--require-hashes" in rest
        assert "--no-deps" in rest
        assert "--only-binary :all:" in rest
        assert "--mount=type=secret,id=pip.conf" in rest
    copied = {source for stage in STAGES.values() for copy in stage.copies for source in copy.sources}
    assert {"locks/app.txt", "locks/files.txt", "locks/simulators.txt"} <= copied


def test_the_base_is_pinned_by_version_and_is_our_oldest_python() -> None:
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", ARGUMENTS["PYTHON"])
    assert {stage.base for stage in STAGES.values()} <= {"${PYTHON}", "${CONTENTS}", *STAGES}


@pytest.mark.parametrize("stage", [DEFAULT, DEMO])
def test_nobody_is_root_in_the_end(stage: str) -> None:
    users = [rest for name, rest in STAGES[stage].instructions if name == "USER"]
    assert users[-1] == "10001:10001"


def test_the_images_own_settings_are_settings_and_refuse_to_open_a_shop_by_themselves() -> None:
    ours: Mapping[str, str] = {
        name: value for name, value in variables(DEFAULT).items() if name not in OTHERS_VARIABLES
    }
    assert set(ours) <= {name.upper() for name in Settings.model_fields}
    values: dict[str, Any] = {name.lower(): value for name, value in ours.items()}
    with pytest.raises(ValidationError, match="LINK_SECRET is the public development secret"):
        Settings(_env_file=None, **values)
    Settings(_env_file=None, **{**values, "environment": "development"})


def test_no_secret_is_in_a_layer() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert not re.search(r"(SECRET|PASSWORD|TOKEN|API_KEY)[A-Z_]*\s*=", text)


# ---- the health check ------------------------------------------------------------------------------------------------


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of docker/healthy.py."""
    for name in ("GATEWAY_PORT", "WORKER_HEALTH_PORT"):
        monkeypatch.delenv(name, raising=False)
    return runpy.run_path(str(ROOT / "docker" / "healthy.py"), run_name="healthy")


def test_the_health_check_asks_where_the_image_listens(healthy: dict[str, Any]) -> None:
    assert healthy["USUAL_PORTS"]["worker"] == int(variables(DEFAULT)["WORKER_HEALTH_PORT"])
    assert healthy["USUAL_PORTS"]["gateway"] == Settings.model_fields["gateway_port"].default


@pytest.mark.parametrize("role", ["worker", "gateway", "simulators"])
@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({"/readyz": HTTPStatus.OK}, 0),
        ({"/readyz": HTTPStatus.SERVICE_UNAVAILABLE, "/healthz": HTTPStatus.OK}, 1),
        ({"/readyz": HTTPStatus.NOT_FOUND, "/healthz": HTTPStatus.OK}, 0),
        ({"/readyz": HTTPStatus.NOT_FOUND, "/healthz": HTTPStatus.SERVICE_UNAVAILABLE}, 1),
        ({"/readyz": 0, "/healthz": 0}, 1),
    ],
)
def test_healthy_is_who_is_ready(healthy: dict[str, Any], role: str, answers: Mapping[str, int], status: int) -> None:
    names = healthy["main"].__globals__
    names["_role"] = lambda: role
    names["_ask"] = lambda port, path: answers[path] if port == healthy["USUAL_PORTS"][role] else 0
    assert healthy["main"]() == status


def test_a_job_is_well_while_it_runs(healthy: dict[str, Any]) -> None:
    healthy["main"].__globals__["_role"] = lambda: None
    assert healthy["main"]() == 0


def test_a_port_that_is_set_is_asked(healthy: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "7000")
    assert healthy["_port"]("gateway") == 7000


def test_the_chat_pages_key_is_made_once_and_nobody_elses_to_read(tmp_path: Path) -> None:
    made_key = runpy.run_path(str(ROOT / "docker" / "chat_key.py"), run_name="chat_key")["made_key"]
    file = tmp_path / "chat"
    key = made_key(file)
    assert key.startswith("dk_")
    assert made_key(file) == key == file.read_text()
    assert file.stat().st_mode & 0o077 == 0
