"""docs/security.md names what there is, and leaves nothing of the standard out."""

import ast
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runtime.paths import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text()
ITEM = re.compile(r"v5\.0\.0-(\d+\.\d+)\.(\d+)")
# The sections of ASVS 5.0.0, and how many items of levels 1 and 2 each has: 1, 2, 3 and so on.
COUNTS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3
5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3
9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4
13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4
17.3:2
"""
SECTIONS = {section: int(many) for section, many in re.findall(r"(\S+):(\d+)", COUNTS)}
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| v5")]
ANSWERED = [row for row in ROWS if len(row) == 4]
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
SERVING = ("domain", "workflows", "activities", "adapters", "starter", "gateway", "runtime")
RISKY = {"subprocess", "pickle", "marshal", "shelve", "dill", "yaml"}
RISKY_CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "create_subprocess_shell"}


def items(text: str) -> Iterator[str]:
    """Yield the items that a cell names, also those between the two of `A to B`."""
    for part in text.split(","):
        found = ITEM.findall(part)
        (section, first), (same, last) = found[0], found[-1]
        assert section == same, part
        yield from (f"{section}.{number}" for number in range(int(first), int(last) + 1))


def test_every_item_of_levels_1_and_2_is_there_once() -> None:
    named = Counter(item for row in ROWS for item in items(row[0]))
    asked = {f"{section}.{number}" for section, many in SECTIONS.items() for number in range(1, many + 1)}
    assert sorted(set(named) ^ asked) == []
    assert [item for item, times in named.items() if times > 1] == []
    assert f"each of the {len(asked)} items" in PAGE


@pytest.mark.parametrize("row", ANSWERED, ids=[row[0] for row in ANSWERED])
def test_an_answer_has_files_and_tests_that_are_there(row: list[str]) -> None:
    files = [name for name in re.findall(r"`([\w./-]+)`", row[2]) if "/" in name and not name.startswith("/")]
    assert not [name for name in files if not (ROOT / name).exists()]
    tests = TEST.findall(row[3])
    assert tests
    assert len(tests) == row[3].count("::")
    for path, name in tests:
        assert f"def {name}(" in (ROOT / "tests" / path).read_text(), f"{path} has no {name}"


def test_nothing_that_serves_runs_commands_code_or_pickles() -> None:
    files = [path for package in SERVING for path in (ROOT / package).rglob("*.py") if "operating" not in path.parts]
    assert [f"{path.relative_to(ROOT)}: {what}" for path in files for what in risks(path)] == []
    assert len(files) > 300


def risks(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from RISKY & {name.name.partition(".")[0] for name in names}
            case ast.ImportFrom(module=str(module)):
                yield from RISKY & {module.partition(".")[0]}
            case ast.Call(func=ast.Name(id=called)):
                yield from {called} & RISKY_CALLS
            case ast.Call(func=ast.Attribute(attr=called, value=ast.Name(id="os" | "asyncio"))):
                yield from {called} & RISKY_CALLS


def test_what_is_risky_is_seen(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("import pickle, os\nfrom subprocess import run\neval('1')\nos.system('ls')\nre.compile('x')\n")
    assert sorted(risks(code)) == ["eval", "pickle", "subprocess", "system"]


@pytest.mark.parametrize("context", [httpx.create_ssl_context(), ssl.create_default_context()], ids=["httpx", "others"])
def test_we_speak_tls_1_2_at_least_with_sound_ciphers(context: ssl.SSLContext) -> None:
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    names = [str(cipher["name"]) for cipher in context.get_ciphers()]
    assert names
    assert not [name for name in names if re.search("NULL|RC4|DES|MD5|EXP|anon|ADH", name)]


CADDY, NGINX = (
    DEPLOYMENT.partition("obtains its certificates by itself:")[2].partition("```\n\n")[0],
    DEPLOYMENT.partition("# port 80\n")[2].partition("```\n\n")[0],
)


def test_both_proxies_send_people_to_https_and_refuse_programs() -> None:
    plain = CADDY.partition("http://orders.shop.example {")[2].partition("\n}")[0]
    assert re.findall(r"^    (\S.*)$", plain, re.MULTILINE) == [
        "@people not path /api/* /codec/*", "redir @people https://{host}{uri} permanent", "respond 403"
    ]  # fmt: skip
    assert "location ~ ^/(api|codec)/ { return 403; }\nlocation / { return 301 https://$host$request_uri; }" in NGINX


def test_both_proxies_close_what_is_for_us_alone() -> None:
    assert "@inside path /metrics /readyz /healthz\n    respond @inside 404" in CADDY
    assert "location ~ ^/(metrics|readyz|healthz)$ { return 404; }" in NGINX


def test_the_list_of_libraries_is_made_of_what_the_image_installs() -> None:
    installed = re.findall(r"locks/\w+\.txt", (ROOT / "Dockerfile").read_text().partition("AS more-packages")[0])
    recipe = (ROOT / "Makefile").read_text().partition("\nsbom:")[2].partition("\n\n")[0]
    assert set(re.findall(r"locks/\w+\.txt", recipe)) == set(installed) == {"locks/app.txt", "locks/files.txt"}
