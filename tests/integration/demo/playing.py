"""Plays `make demo`, and says what both of its acts must have shown."""

import os
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

from runtime.paths import ROOT


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
