"""docker-compose.yml as `docker compose` reads it, for the demo and for a shop of its own."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.compose.described import ROOT, SHOP, services, write_env


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `docker compose config` reads, and no .env."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "docker-compose.yml", folder)
    shutil.copytree(ROOT / "docker", folder / "docker")
    return folder


@pytest.fixture(scope="session")
def demo(checkout: Path) -> Iterator[dict[str, Any]]:
    """All services, as the demo's .env makes them."""
    subprocess.run(["sh", "docker/new-env.sh"], cwd=checkout, check=True, capture_output=True)
    yield services(checkout, "demo")
    (checkout / ".env").unlink()


@pytest.fixture
def shop(checkout: Path, demo: Mapping[str, Any]) -> Iterator[Path]:
    """The folder with the .env of a shop of its own."""
    kept = (checkout / ".env").read_text()
    write_env(checkout, SHOP)
    yield checkout
    (checkout / ".env").write_text(kept)
