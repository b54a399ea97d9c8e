"""What of the user's shell the local stack listens to: nothing that leads its servers and clients elsewhere."""

import os
from collections.abc import Mapping

from stack.ports import LOOPBACK

# Another Python, another Postgres, another Temporal, another account at AWS.
OF_OTHERS = ("PYTHON", "PG", "TEMPORAL_", "AWS_")
OURS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "PYTHONHASHSEED", "PYTHONUTF8"}
NEAR = (LOOPBACK, "localhost", ".localhost")


def stack_environment(shell: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a server or client of the stack.

    A proxy of the user stays, since it may be the only way to a model, but is not asked for this machine.
    """
    kept = {name: value for name, value in shell.items() if name in OURS or not name.startswith(OF_OTHERS)}
    near = ",".join(filter(None, [shell.get("no_proxy") or shell.get("NO_PROXY"), *NEAR]))
    return kept | {"no_proxy": near, "NO_PROXY": near}


def enter(settings: Mapping[str, str] | None = None) -> None:
    """Make this process one of the stack's: with its settings, and files that nobody else may read."""
    clean = stack_environment(os.environ) | dict(settings or {})
    for name in os.environ.keys() - clean.keys():
        del os.environ[name]
    os.environ.update(clean)
    os.umask(0o077)
