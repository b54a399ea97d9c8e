"""Backs up a running stack into one folder, from which `stack.restore` restores it.

The order is Postgres, Temporal, pictures. Workflow histories are the source of truth: the rows derived from them may be
slightly older, but never newer. Pictures are stored before a history names them, so copying them last gets them all.
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
INDEX = "pictures.jsonl"  # one line per picture: key, file, attributes
MANIFEST = "backup.json"


async def back_up(settings: Settings, data: Path, to: Path) -> dict[str, object]:
    """Back up the running stack of a data folder, without stopping it; return facts about the backup.

    `to` is created only when the backup is complete. Raises CannotBackUp.
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
        raise CannotBackUp(f"{to} already exists")
    if not (data / "stack.env").exists():
        raise CannotBackUp(f"no stack is running on {data}; start one with `make up`")
    draft = to.with_name(f"{to.name}.part")
    shutil.rmtree(draft, ignore_errors=True)  # left by an interrupted backup
    draft.mkdir(mode=0o700, parents=True)  # it contains secrets
    return draft


async def _rows_and_history(settings: Settings, database: Path, draft: Path) -> None:
    """Copy rows and histories as of two successive moments, independent of how long the copying takes."""
    url = settings.database_url.replace("+asyncpg", "")
    try:
        rows = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise CannotBackUp(f"cannot connect to Postgres: {error}") from error
    try:
        async with rows.transaction(isolation="repeatable_read", readonly=True):
            moment = await rows.fetchval("SELECT pg_export_snapshot()")
            await asyncio.to_thread(_copy_sqlite, database, draft / HISTORY)
            await _dump(settings, moment, draft / ROWS)
    finally:
        await rows.close()


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a live database with SQLite's backup API, which is consistent and does not block writers."""
    uri = f"{source.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=30)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            if (found := copy.execute("PRAGMA quick_check").fetchone()) != ("ok",):
                raise CannotBackUp(f"the copy of Temporal's database is corrupt: {found}")
    except sqlite3.Error as error:
        raise CannotBackUp(f"cannot copy Temporal's database: {error}") from error


async def _dump(settings: Settings, moment: str, target: Path) -> None:
    options = ["--format=custom", f"--snapshot={moment}", "--no-owner", f"--file={target}"]
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
    """Return the bucket with all pictures."""
    return S3Store(
        settings.s3_bucket_name,
        endpoint=settings.s3_endpoint_url,
        region=settings.aws_region,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key.get_secret_value(),
        client_options={"allow_http": True},
    )


async def run_program(argv: list[str], env: dict[str, str]) -> None:
    """Run a Postgres program to its end. Raises CannotBackUp with its error output."""
    process = await asyncio.create_subprocess_exec(
        *argv, env=stack_environment(os.environ) | env, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise CannotBackUp(f"{Path(argv[0]).name} failed: {said.decode(errors='replace').strip()}")
