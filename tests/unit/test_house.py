"""The house of docs/architecture.md: who may import whom, and what."""

import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

import grimp
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
VENDORS = {
    "PIL", "aiosmtplib", "alembic", "asyncpg", "botocore", "cv2", "fastapi", "google.genai", "httpx", "httpx2",
    "imagehash", "ncnn", "numpy", "obstore", "onnxruntime", "pi_heif", "psd_tools", "pydantic_settings",
    "rapidocr", "resvg_py", "sqlalchemy", "starlette", "structlog", "vtracer",
}  # fmt: skip
OPERATING = "starter.commands.operating"  # looks at the whole installation
OURS = {"domain", "workflows", "activities", "adapters", "starter", "gateway", "runtime", "simulators", "stack"}


@pytest.fixture
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*sorted(OURS), include_external_packages=True)


def from_outside(graph: grimp.ImportGraph, package: str) -> Iterator[str]:
    for module in {package, *graph.find_descendants(package)} - graph.find_descendants(OPERATING):
        for imported in graph.find_modules_directly_imported_by(module):
            top = imported.partition(".")[0]
            if top not in OURS | sys.stdlib_module_names:
                yield top


def test_every_import_follows_the_one_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(cache_dir=None) == EXIT_STATUS_SUCCESS


def test_every_root_is_out_of_reach_of_what_it_plugs_together() -> None:
    roots = {file.stem for file in ROOT.glob("*.py")}
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    guarded = {
        source: set(contract["forbidden_modules"])
        for contract in contracts
        for source in contract.get("source_modules", [])
    }
    for package in ("domain", "activities", "workflows", "starter", "adapters", "simulators"):
        assert roots <= guarded[package], f"pyproject.toml: name {roots - guarded[package]} in the contract"


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("domain", {"pydantic"}),
        ("activities", {"pydantic", "structlog", "temporalio", "tenacity"}),
        ("workflows", {"pydantic", "temporalio"}),
        ("starter", {"cryptography", "google", "pydantic", "rich", "temporalio", "typer"}),
    ],
)
def test_the_inner_house_imports_few_packages_of_others(
    imports: grimp.ImportGraph, package: str, allowed: Collection[str]
) -> None:
    found = set(from_outside(imports, package))
    assert found <= set(allowed)
    assert found, f"nothing was seen of {package}"


def test_workflows_activities_and_the_starter_load_no_vendor_library() -> None:
    code = """
import activities, importlib, pkgutil, starter, sys, workflows
for package in (activities, workflows, starter):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith("starter.commands.operating."):
            importlib.import_module(module.name)
print(*sys.modules)
"""
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(child.stdout.split())
    assert {"workflows.order", "activities.production", "starter.orders"} <= loaded
    assert not loaded & VENDORS


def test_make_test_runs_something_of_every_folder_of_tests() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    assert {Path(path).parts[1] for path in options["testpaths"]} == folders
