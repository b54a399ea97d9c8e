"""Cleans the environment of the local stack of variables that would redirect its servers and clients."""

import os
from collections.abc import Mapping

from stack.ports import LOOPBACK

# They select another Python, Postgres, Temporal or AWS account.
OF_OTHERS = ("PYTHON", "PG", "TEMPORAL_", "AWS_")
OURS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "PYTHONHASHSEED", "PYTHONUTF8"}
NEAR = (LOOPBACK, "localhost", ".localhost")


def stack_environment(shell: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for servers and clients of the stack.

    The user's proxy is kept, since models may be reachable only through it, but it is not used for this machine.
    """
    kept = {name: value for name, value in shell.items() if name in OURS or not name.startswith(OF_OTHERS)}
    near = ",".join(filter(None, [shell.get("no_proxy") or shell.get("NO_PROXY"), *NEAR]))
    return kept | {"no_proxy": near, "NO_PROXY": near}


def enter(settings: Mapping[str, str] | None = None) -> None:
    """Apply the stack's environment and settings to this process, and make its files private."""
    clean = stack_environment(os.environ) | dict(settings or {})
    for name in os.environ.keys() - clean.keys():
        del os.environ[name]
    os.environ.update(clean)
    os.umask(0o077)
