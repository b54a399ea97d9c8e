"""The lock files say what pyproject.toml asks for, and nothing of the machine that wrote them."""

import json
import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
ASKED: dict[str, list[str]] = {
    "app": PROJECT["project"]["dependencies"],
    "all": [*PROJECT["project"]["dependencies"], *EXTRAS["stack"], *EXTRAS["dev"]],
    "simulators": PROJECT["dependency-groups"]["simulators"],
    "tools": PROJECT["dependency-groups"]["tools"],
}


def entries(lock: str) -> list[str]:
    """Return one text for each package: its pin and its hashes."""
    text = (ROOT / "locks" / f"{lock}.txt").read_text()
    return re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", "").splitlines()


def pins(lock: str) -> Collection[tuple[str, str]]:
    """Return names and versions; a package may have a version for each Python."""
    requirements = [Requirement(entry.partition(" --hash")[0]) for entry in entries(lock)]
    return {(canonicalize_name(each.name), str(each.specifier).removeprefix("==")) for each in requirements}


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_holds_what_the_project_asks_for(lock: str) -> None:
    for asked in map(Requirement, ASKED[lock]):
        versions = [version for name, version in pins(lock) if name == canonicalize_name(asked.name)]
        assert versions, f"{asked.name} is not in locks/{lock}.txt: run `make lock`"
        assert all(asked.specifier.contains(version) for version in versions), f"{asked}: run `make lock`"


@pytest.mark.parametrize("lock", ["app", "simulators"])
def test_an_image_runs_on_the_versions_that_were_tested(lock: str) -> None:
    assert set(pins(lock)) < set(pins("all"))


def test_simulators_need_the_same_in_an_image_as_in_the_local_stack() -> None:
    assert set(PROJECT["dependency-groups"]["simulators"]) < set(EXTRAS["stack"])


@pytest.mark.parametrize("lock", [*ASKED, "files"])
def test_a_lock_pins_every_package_by_hash_and_names_no_place_to_get_it_from(lock: str) -> None:
    assert entries(lock)
    for entry in entries(lock):
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+", entry)
    assert not re.search(r"://|(^|\s)/", (ROOT / "locks" / f"{lock}.txt").read_text())


def test_the_lock_of_npm_names_no_registry_and_has_a_hash_for_each_package() -> None:
    lock = json.loads((ROOT / "clients" / "typescript" / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages)
