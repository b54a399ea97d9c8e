"""`make audit`: it passes only if the service answered for every package and knows nothing of any."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from runtime.paths import ROOT
from tests.http_server import serving

# As the OSV service answers: https://google.github.io/osv.dev/post-v1-query/
KNOWN = {
    "id": "OSV-2026-1", "modified": "2026-11-01T00:00:00Z", "published": "2026-11-01T00:00:00Z", "summary": "a hole",
    "details": "a hole", "affected": [{"package": {"name": "pillow", "ecosystem": "PyPI"}, "versions": []}],
}  # fmt: skip


@contextmanager
def service(*, vulnerable: str = "", silent_about: str = "") -> Iterator[str]:
    """An OSV service that knows of one package, and may fail for another."""

    def answer(_path: str, posted: bytes) -> tuple[int, bytes]:
        asked = json.loads(posted)["package"]["name"]
        known = {"vulns": [KNOWN]} if asked == vulnerable else {}
        return 500 if asked == silent_about else 200, json.dumps(known).encode()

    with serving(answer) as host:
        yield f"http://{host}/v1/query"


def audited(url: str) -> tuple[bool, str]:
    """Whether the audit passes with the service at this address, and what it says."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    env |= {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    ran = subprocess.run(
        ["make", "audit", f"ARGS=--vulnerability-service osv --osv-url {url}"],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    return ran.returncode == 0, ran.stdout + ran.stderr


def test_it_passes_if_nothing_is_known() -> None:
    with service() as url:
        passed, said = audited(url)
    assert (passed, said) == (True, "No vulnerability is known of any locked package.\n")


def test_it_fails_with_the_package_if_something_is_known() -> None:
    with service(vulnerable="pillow") as url:
        passed, said = audited(url)
    assert not passed
    assert "OSV-2026-1" in said
    assert "Audit failed: update what is listed" in said


def test_it_fails_if_the_service_did_not_answer_for_a_package() -> None:
    with service(silent_about="pillow") as url:
        passed, said = audited(url)
    assert (passed, "NOT AUDITED" in said) == (False, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1/query"])
def test_it_fails_if_there_is_no_service(url: str) -> None:
    passed, said = audited(url)
    assert (passed, "NOT AUDITED" in said, "No vulnerability" in said) == (False, True, False)
