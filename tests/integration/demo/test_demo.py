"""`make demo` does what it says, with either provider, and fails when the letter does not arrive."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from runtime.paths import ROOT
from tests.conftest import WholeShop


def play(data: Path, provider: str, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "cli.py", "demo", "--provider", provider, *options],
        cwd=ROOT,
        env={**os.environ, "DARKROOM_DATA": str(data), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=390,
        check=False,
    )


@pytest.mark.timeout(400)
def test_the_demonstration_ends_with_the_pictures_in_the_mailbox(tmp_path: Path) -> None:
    ran = play(tmp_path / "某 店", "local")
    why = "the local model can only change the background to a solid colour"
    expect_both_acts(ran, tmp_path / "某 店", "(local model) local-realesrgan-x4", why)


@pytest.mark.timeout(400)
def test_the_demonstration_plays_on_a_stack_that_runs_already(whole_shop: WholeShop) -> None:
    data = whole_shop.stack.folder.path
    ran = play(data, "local")  # and with the provider of that stack
    assert "Using the stack that is already running, with its provider" in ran.stdout
    expect_both_acts(ran, data, "(Gemini) gemini-3.1-", "the model says the content is prohibited")


def expect_both_acts(ran: subprocess.CompletedProcess[str], data: Path, painter: str, why: str) -> None:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "arrived with 2 of 2 pictures" in ran.stdout
    assert "/wecom/" in ran.stdout
    assert f"picture 1, attempt 2 {painter}" in ran.stdout  # the revision round
    machine, designer = ran.stdout.split("a request that no model can fulfil")
    assert why not in machine
    assert why in designer
    assert re.search("picture 1, designers: assigned, (橘子|婷婷)", designer)  # they take turns
    assert "picture 1, attempt 2 (designer)" in designer
    assert "arrived with 1 of 1 pictures" in designer
    assert "closed: 客户已确认,效果满意" in designer
    pictures = [*(data / "demo").rglob("*.jpg"), *(data / "demo").rglob("*.png")]
    assert len(pictures) == 6  # three from the letters, three before and after
    for picture in pictures:
        with Image.open(picture) as opened:
            opened.load()


@pytest.mark.timeout(400)
def test_a_demonstration_whose_letter_cannot_go_out_does_not_end_well(tmp_path: Path) -> None:
    ran = play(tmp_path, "gemini-simulator", "--patience", "30", SMTP_PORT="9")
    assert ran.returncode == 1
    assert "picture 1, attempt 2 (Gemini) gemini-3.1-" in ran.stdout
    assert "No progress for 30 s" in ran.stdout
