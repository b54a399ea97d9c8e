"""Makes the data folder of a stack from a backup: a fresh one, which `darkroom up` then starts on."""

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
    """Make the folder, and return how many pictures lie in it. Raises StackError.

    `data` is there only when all of it is.
    """
    draft = _draft(backup, data)
    count = await _fill(backup, draft, user)
    draft.rename(data)
    return count


def _draft(backup: Path, data: Path) -> Path:
    if not (backup / MANIFEST).exists():
        raise CannotBackUp(f"{backup} is no backup, or was not finished")
    if data.exists() and any(data.iterdir()):
        raise CannotBackUp(f"{data} is not empty: a stack has kept something there; `make reset` deletes that")
    draft = data.with_name(f"{data.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)  # an earlier one was interrupted
    draft.mkdir(mode=0o700, parents=True)
    shutil.copytree(backup / SECRETS, draft / SECRETS)
    (draft / "temporal").mkdir()
    shutil.copy(backup / HISTORY, draft / "temporal" / "temporal.db")
    return draft


async def _fill(backup: Path, draft: Path, user: Settings | None) -> int:
    """Bring rows and pictures back through the servers that keep them."""
    stack = Stack(draft, StackOptions(("postgres", "storage"), usual_ports=False), user=user)
    async with stack:
        values: dict[str, Any] = {name.lower(): value for name, value in stack.env.items()}
        settings = Settings(_env_file=None, **values)
        options = ["--dbname=darkroom", "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl"]
        await run_program([postgres_program("pg_restore"), *options, str(backup / ROWS)], connection(settings))
        return await _pictures(settings, backup)


async def _pictures(settings: Settings, backup: Path) -> int:
    store, count = bucket(settings), 0
    lines = await asyncio.to_thread((backup / INDEX).read_text)
    for count, line in enumerate(filter(None, lines.split("\n")), start=1):  # noqa: B007 - how many there were
        facts = json.loads(line)
        data = await asyncio.to_thread((backup / PICTURES / facts["file"]).read_bytes)
        await obstore.put_async(store, facts["key"], data, attributes=facts["attributes"], use_multipart=False)
    return count
