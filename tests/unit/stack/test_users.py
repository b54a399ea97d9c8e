"""Whoever starts the local stack, and however their shell is set: it starts, or says in a line why not."""

import os
import subprocess
import sys

import pytest

from runtime.paths import ROOT
from stack.errors import CannotStart
from stack.servers import postgres


def test_a_user_without_a_name_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_242_424)
    with pytest.raises(CannotStart, match=r"user 4242424 has none: add a line to /etc/passwd"):
        postgres._refuse_a_user_without_a_name()


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_files_of_the_stack_are_ours_alone_whatever_the_umask(umask: int) -> None:
    said = f"import os; os.umask({umask}); from stack import environment; environment.enter(); print(os.umask(0))"
    ran = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, env={"PGHOST": "/nowhere"}, capture_output=True, text=True, check=True
    )
    assert int(ran.stdout) == 0o077
