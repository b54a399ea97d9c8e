"""Restores a backup into a new data folder, on which `darkroom up` then starts."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import obstore

from runtime.settings import Settings
from stack.backup import HISTORY, INDEX, MANIFEST, PICTURES, ROWS, SECRETS, bucket, run_program
from stack.errors import CannotBackUp
from stack.plan import StackOptions
from stack.programs import postgres_program
from stack.psql import connection
from stack.up import Stack


async def restore(backup: Path, data: Path, user: Settings | None = None) -> int:
    """Restore a backup into the folder `data`, and return the number of pictures. Raises StackError.

    `data` is created only when the restore is complete.
    """
    draft = _draft(backup, data)
    count = await _fill(backup, draft, user)
    draft.rename(data)
    return count


def _draft(backup: Path, data: Path) -> Path:
    if not (backup / MANIFEST).exists():
        raise CannotBackUp(f"{backup} is not a complete backup")
    if data.exists() and any(data.iterdir()):
        raise CannotBackUp(f"{data} is not empty; `make reset` deletes the data of the stack there")
    draft = data.with_name(f"{data.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)  # left by an interrupted restore
    draft.mkdir(mode=0o700, parents=True)
    shutil.copytree(backup / SECRETS, draft / SECRETS)
    (draft / "temporal").mkdir()
    shutil.copy(backup / HISTORY, draft / "temporal" / "temporal.db")
    return draft


async def _fill(backup: Path, draft: Path, user: Settings | None) -> int:
    """Restore rows and pictures through their servers."""
    stack = Stack(draft, StackOptions(("postgres", "storage"), usual_ports=False), user=user)
    async with stack:
        values: dict[str, Any] = {name.lower(): value for name, value in stack.env.items()}
        settings = Settings(_env_file=None, **values)
        options = ["--dbname=darkroom", "--exit-on-error", "--single-transaction", "--no-owner"]
        await run_program([postgres_program("pg_restore"), *options, str(backup / ROWS)], connection(settings))
        return await _pictures(settings, backup)


async def _pictures(settings: Settings, backup: Path) -> int:
    store, count = bucket(settings), 0
    lines = await asyncio.to_thread((backup / INDEX).read_text)
    for count, line in enumerate(filter(None, lines.split("\n")), start=1):  # noqa: B007 - counts the pictures
        facts = json.loads(line)
        data = await asyncio.to_thread((backup / PICTURES / facts["file"]).read_bytes)
        await obstore.put_async(store, facts["key"], data, attributes=facts["attributes"], use_multipart=False)
    return count
