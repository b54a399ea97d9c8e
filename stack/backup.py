"""Copies all that a running stack keeps into one folder, from which `stack.restore` makes it again.

The order is Postgres, Temporal, pictures. The history of a workflow is the truth: the rows, which follow it, may be a
moment older and never newer; a picture is stored before the history names it, so that pictures copied last are whole.
"""

import asyncio
import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import obstore
from obstore.store import S3Store

from runtime.settings import Settings
from stack.environment import stack_environment
from stack.errors import CannotBackUp
from stack.programs import postgres_program
from stack.psql import connection

ROWS = "postgres.dump"
HISTORY = "temporal.db"
SECRETS = "secrets"
PICTURES = "pictures"
INDEX = "pictures.jsonl"  # a line a picture: its key, its file, its attributes
MANIFEST = "backup.json"


async def back_up(settings: Settings, data: Path, to: Path) -> dict[str, object]:
    """Copy the running stack of a data folder; nothing stops meanwhile. Raises CannotBackUp.

    `to` is there only when all of it is.
    """
    draft = _draft(data, to)
    began = datetime.now(UTC)
    await _rows_and_history(settings, data / "temporal" / "temporal.db", draft)
    shutil.copytree(data / SECRETS, draft / SECRETS)
    pictures = await _pictures(settings, draft)
    facts: dict[str, object] = {"begun_at": began.isoformat(), "pictures": pictures, "bucket": settings.s3_bucket_name}
    (draft / MANIFEST).write_text(json.dumps(facts))
    draft.rename(to)
    return facts


def _draft(data: Path, to: Path) -> Path:
    if to.exists():
        raise CannotBackUp(f"{to} is there already")
    if not (data / "stack.env").exists():
        raise CannotBackUp(f"no stack runs on {data}: start one with `make up`")
    draft = to.with_name(f"{to.name}.part")
    shutil.rmtree(draft, ignore_errors=True)  # an earlier one was interrupted
    draft.mkdir(mode=0o700, parents=True)  # it holds secrets
    return draft


async def _rows_and_history(settings: Settings, database: Path, draft: Path) -> None:
    """Copy the rows as of one moment and the history as of the next, however long writing them out takes."""
    url = settings.database_url.replace("+asyncpg", "")
    try:
        rows = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise CannotBackUp(f"Postgres does not let us in: {error}") from error
    try:
        async with rows.transaction(isolation="repeatable_read", readonly=True):
            moment = await rows.fetchval("SELECT pg_export_snapshot()")
            await asyncio.to_thread(_copy_sqlite, database, draft / HISTORY)
            await _dump(settings, moment, draft / ROWS)
    finally:
        await rows.close()


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that is written to: SQLite's own backup is of one moment, and holds nobody up."""
    uri = f"{source.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=30)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            if (found := copy.execute("PRAGMA quick_check").fetchone()) != ("ok",):
                raise CannotBackUp(f"the copy of Temporal's database is not whole: {found}")
    except sqlite3.Error as error:
        raise CannotBackUp(f"Temporal's database cannot be copied: {error}") from error


async def _dump(settings: Settings, moment: str, target: Path) -> None:
    options = ["--format=custom", f"--snapshot={moment}", "--no-owner", "--no-acl", f"--file={target}"]
    await run_program([postgres_program("pg_dump"), *options], connection(settings))


async def _pictures(settings: Settings, draft: Path) -> int:
    store, folder, count = bucket(settings), draft / PICTURES, 0
    folder.mkdir()
    with (draft / INDEX).open("w") as index:
        async for entries in obstore.list(store):
            for entry in entries:
                found = await obstore.get_async(store, entry["path"])
                (folder / str(count)).write_bytes(await found.bytes_async())
                facts = {"key": entry["path"], "file": str(count), "attributes": dict(found.attributes)}
                index.write(json.dumps(facts, ensure_ascii=False) + "\n")
                count += 1
    return count


def bucket(settings: Settings) -> S3Store:
    """Return the bucket of all pictures."""
    return S3Store(
        settings.s3_bucket_name,
        endpoint=settings.s3_endpoint_url,
        region=settings.aws_region,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key.get_secret_value(),
        client_options={"allow_http": True},
    )


async def run_program(argv: list[str], env: dict[str, str]) -> None:
    """Run a program of Postgres to its end. Raises CannotBackUp with what it said."""
    process = await asyncio.create_subprocess_exec(
        *argv, env=stack_environment(os.environ) | env, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise CannotBackUp(f"{Path(argv[0]).name} failed: {said.decode(errors='replace').strip()}")
