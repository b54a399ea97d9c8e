"""The client that `make clients` generates speaks with a running gateway; the document that it comes from is whole."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.paths import ROOT
from tests.conftest import WholeShop
from tests.integration.gateway.serving import NOWHERE, app_with

GENERATOR = ROOT / ".venv" / "tools" / "bin" / "openapi-python-client"
UNKNOWN = """
import os
from darkroom_client import AuthenticatedClient, Client
from darkroom_client.api.orders import read_order
for client in (AuthenticatedClient(os.environ["GATEWAY"], os.environ["KEY"]), Client(os.environ["GATEWAY"])):
    told = read_order.sync("ORDER_20200101_222222", client=client)
    print(type(told).__name__, told.status, told.type_)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the generated client."""
    assert GENERATOR.exists(), "the generator is not installed: run `make test-integration` or `make clients` once"
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(app_with(**NOWHERE).openapi()))
    options = ["--path", "openapi.json", "--config", str(ROOT / "clients" / "python.yml"), "--meta", "none"]
    path = f"{GENERATOR.parent}{os.pathsep}{os.environ['PATH']}"
    made = subprocess.run(
        [GENERATOR, "generate", *options, "--output-path", "darkroom_client", "--fail-on-warning"],
        cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def ran(program: str, package: Path, shop: WholeShop) -> str:
    env = {
        "GATEWAY": shop.settings.gateway_url,
        "KEY": shop.chat_api_key,
        "PICTURE": str(ROOT / "demo" / "photos" / "coffee.jpg"),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": str(package),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_of_the_documentation_runs(whole_shop: WholeShop, package: Path) -> None:
    program = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text().partition("## Typed clients")[2], re.DOTALL
    )[0]
    assert re.fullmatch(r"\['TASK_\d{8}_\w{6}_1'\] \w+\n", ran(program, package, whole_shop))


def test_an_error_is_a_problem_with_its_kind(whole_shop: WholeShop, package: Path) -> None:
    told = ran(UNKNOWN, package, whole_shop).splitlines()
    assert told == ["Problem 404 urn:darkroom:no-such-order", "Problem 401 urn:darkroom:key-refused"]


def test_every_reference_in_the_document_leads_somewhere_and_every_operation_has_a_short_name() -> None:
    document = app_with(**NOWHERE).openapi()
    named = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named
    assert named <= set(document["components"]["schemas"])
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "api" in name]
