"""docs/api-calls.md shows each call of the API in three languages, and each of the three programs runs."""

import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from runtime import wiring
from runtime.paths import ROOT
from tests.conftest import WholeShop
from tests.integration.gateway.serving import NOWHERE, app_with
from tests.integration.gateway.test_typescript_client import compiled, needs_typescript, node, project

__all__ = ["project"]

PAGE = (ROOT / "docs" / "api-calls.md").read_text(encoding="utf-8")
# For people and probes, and where the link of an image leads.
NOT_CALLED = {"/d/{token}/{filename}", "/healthz", "/readyz", "/api/task-history/images/{token}"}


def program(language: str) -> str:
    """All blocks of a language, as one program."""
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL))


def family(call: str) -> str:
    """All events are sent alike, and all updates: one of each is shown."""
    return re.sub(r"/(events|updates)/[a-z_]+$", r"/\1/", call)


@pytest.fixture
def env(whole_shop: WholeShop) -> dict[str, str]:
    """What the programs are given, each with a user of its own."""
    return {
        "GATEWAY": whole_shop.settings.gateway_url,
        "KEY": whole_shop.chat_api_key,
        "TOKEN": wiring.tokens(whole_shop.settings).issue(uuid.uuid4(), "pro", 1),
        "PAYMENT_SECRET": whole_shop.stack.folder.secret("payment_secrets").read_text(),
        "PICTURE": str(ROOT / "demo" / "photos" / "coffee.jpg"),
        "PYTHONIOENCODING": "utf-8",
        "no_proxy": "127.0.0.1",
    }


def test_each_call_is_shown_in_three_languages() -> None:
    operations = app_with(**NOWHERE).openapi()["paths"].items()
    of_api = {
        f"{method.upper()} {path}" for path, methods in operations if path not in NOT_CALLED for method in methods
    }
    whole = r"^`([A-Z]+ /\S+)`\n\n```sh\n[^`]*```\n\n```python\n[^`]*```\n\n```ts\n"
    shown = re.findall(whole, PAGE, re.MULTILINE)
    assert {family(call) for call in shown} == {family(call) for call in of_api}
    assert len(shown) == len(set(shown))


@pytest.mark.skipif(not all(map(shutil.which, ("curl", "openssl"))), reason="curl or openssl is not installed")
def test_the_calls_by_curl_run(env: dict[str, str], tmp_path: Path) -> None:
    script = f"set -euo pipefail\n{program('sh')}"
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**env, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    assert (tmp_path / "records.csv").stat().st_size > 0
    assert (tmp_path / "images.zip").read_bytes()[:2] == b"PK"


def test_the_calls_by_python_run(env: dict[str, str], tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", program("python")], cwd=tmp_path, env=env,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr


@needs_typescript
def test_the_calls_by_typescript_compile_and_run(env: dict[str, str], project: Path) -> None:
    assert compiled(project, calls=program("ts")) == ""
    ran = node("calls.ts", folder=project, **env)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
