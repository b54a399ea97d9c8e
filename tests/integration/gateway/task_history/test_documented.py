"""The program of the documentation works as it says."""

import re
import sys
import uuid
from pathlib import Path

import anyio

from runtime.paths import ROOT
from tests.integration.gateway.task_history.conftest import HistoryGate


async def test_the_program_of_the_documentation_runs(history: HistoryGate, tmp_path: Path) -> None:
    page = await anyio.Path(ROOT, "docs", "api.md").read_text(encoding="utf-8")
    (tmp_path / "user.py").write_text(
        re.findall(r"```python\n(.*?)```", page.partition("\n## Task history\n")[2], re.DOTALL)[0], encoding="utf-8"
    )
    env = {
        "GATEWAY": history.url,
        "TOKEN": history.tokens.issue(uuid.uuid4(), "pro", 1),
        "PICTURE": str(ROOT / "demo" / "photos" / "coffee.jpg"),
    }
    ran = await anyio.run_process([sys.executable, "user.py"], cwd=tmp_path, env=env)
    assert re.fullmatch(r"completed http://\S+/images/\S+\n1 999\n", ran.stdout.decode())
