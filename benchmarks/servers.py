"""Real servers of one benchmark, on free ports of this machine and in a temporary folder."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from runtime.settings import Settings
from stack.plan import StackOptions
from stack.up import Stack


@asynccontextmanager
async def servers(*names: str) -> AsyncIterator[Stack]:
    """Run these servers until the block ends. They sync to disk as in production, and ignore the user's settings."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        options = StackOptions(names, usual_ports=False)
        async with Stack(Path(folder) / "stack", options, user=Settings.model_construct()) as stack:
            yield stack


NO_PAUSE = {"WORDS_PAUSE_SECONDS": "0"}  # nobody waits for a customer who may go on typing: work is measured


def settings_of(stack: Stack) -> Settings:
    """Return the settings of a process of this stack."""
    values: dict[str, Any] = {name.lower(): value for name, value in {**stack.env, **NO_PAUSE}.items()}
    return Settings(_env_file=None, **values)


def environment(stack: Stack, role: str) -> dict[str, str]:
    """Return the settings of a process that logs in to Postgres as a role, such as `darkroom_worker`."""
    return {**stack.env, "DATABASE_URL": url_of(stack, role), **NO_PAUSE}


def url_of(stack: Stack, role: str) -> str:
    """Return the URL with which a role logs in to the stack's Postgres."""
    url = make_url(stack.env["DATABASE_URL"]).set(username=role, password=stack.folder.secret(role).read_text())
    return url.render_as_string(hide_password=False)
