"""What the gateway's documents say works as they say."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
from fastapi.testclient import TestClient

from runtime.paths import ROOT
from tests.conftest import WholeShop
from tests.integration.gateway.serving import NOWHERE, app_with


def test_the_program_of_the_documentation_runs(whole_shop: WholeShop, tmp_path: Path) -> None:
    program = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)[0]
    (tmp_path / "bot.py").write_text(program)
    env = {
        "GATEWAY": whole_shop.settings.gateway_url,
        "KEY": whole_shop.chat_api_key,
        "PICTURE": str(ROOT / "demo" / "photos" / "coffee.jpg"),
        "PYTHONIOENCODING": "utf-8",
    }
    ran = subprocess.run(
        [sys.executable, "bot.py"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "【报价】" in ran.stdout


def test_every_path_of_the_api_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    families = {re.sub(r"/(events|updates)/\w+$", r"/\1/", path) for path in app_with(**NOWHERE).openapi()["paths"]}
    shortened = {".../updates/" if path == "/api/customers/{customer_id}/updates/" else path for path in families}
    assert not [path for path in shortened if path not in page]


def test_the_page_of_the_api_loads_nothing_from_elsewhere() -> None:
    with TestClient(app_with(**NOWHERE)) as client:
        page = client.get("/docs")
        assert "https://" not in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        for part in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text):
            assert client.get(f"/{part}").status_code == 200, part
        assert client.get("/docs/app.py").status_code == client.get("/docs/begin.js").status_code == 404
        assert client.get("/openapi.json").json()["info"]["title"] == "Darkroom"


def test_the_page_of_the_api_comes_compressed_and_its_parts_are_kept() -> None:
    with TestClient(app_with(**NOWHERE)) as client:
        page = client.get("/docs")
        parts = [f"/{part}" for part in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)]
        assert len(parts) == 3
        for path in ("/docs", "/openapi.json", *parts):
            sizes = {}
            for encoding in ("gzip", "identity"):
                with client.stream("GET", path, headers={"accept-encoding": encoding}) as answer:
                    sizes[encoding] = sum(map(len, answer.iter_raw()))
                    assert answer.headers.get("content-encoding", "identity") == encoding
                    assert answer.headers["vary"] == "Accept-Encoding"
                    kept = "immutable" if path in parts else "no-store"
                    assert kept in answer.headers["cache-control"]
            assert sizes["gzip"] < sizes["identity"] or sizes["identity"] < 300
        assert sizes["gzip"] < 1_000_000


def test_requests_are_measured_by_their_route_without_what_they_name() -> None:
    with TestClient(app_with(**NOWHERE)) as client:
        client.get("/d/secret-token/1.png")
        figures = client.get("/metrics").text
    assert 'handler="/d/{token}/{filename}"' in figures
    assert "secret-token" not in figures


def test_the_whole_shop_says_that_it_is_ready(whole_shop: WholeShop) -> None:
    answer = httpx.get(f"{whole_shop.settings.gateway_url}/readyz")
    assert answer.json()["status"] == "ready"
