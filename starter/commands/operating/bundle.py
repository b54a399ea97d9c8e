"""`darkroom order bundle`: collects everything known about an order in one folder, for debugging."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import ColumnElement, MetaData, Select, Table, or_, select

from runtime import wiring
from runtime.settings import Settings
from starter import history, orders, replaying
from starter.commands.cli_context import CliContext

TIMEOUT_SECONDS = 15.0  # per part; a query to a worker takes up to 10
SIMULATORS = ("gemini", "ark", "bot", "mailbox", "wecom", "tuhui")
NOT_FOUND = 404
HISTORY = "history.json"
README = """{order_id}, as of {at:%Y-%m-%d %H:%M:%S %Z}

This folder holds personal data: a customer's name, addresses and messages. Share it only with those who need it, and
delete it when the case is closed. It holds no pictures, only their keys in storage.

history.json   the event history in Temporal; `darkroom replay --file history.json` replays it on the current code
order.json     the state of the order's workflow at the time above
rows/          its rows in Postgres, one file per table
ledgers/       requests that the simulators received for it, if simulators are in use
"""

Files = dict[str, Any]  # content by path in the folder
Part = Callable[[Settings, CliContext, str], Awaitable[Files]]


def folder_for(order_id: str, timezone: str) -> Path:
    """Return the default folder of a bundle, named after the order and the time."""
    return Path(f"{order_id}-{datetime.now(ZoneInfo(timezone)):%Y%m%d-%H%M%S}")


def is_free(folder: Path) -> bool:
    """Whether a folder is missing or empty, so that bundles never mix."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


@dataclass(frozen=True)
class Found:
    """The parts of a bundle that were found, and the reasons why others are missing."""

    files: Files
    missing: dict[str, str]
    about: str


async def gather(settings: Settings, cli: CliContext, order_id: str) -> Found:
    """Return all parts that are available.

    If there are none, raises the error of the history: NoSuchOrder, or ConnectionError if Temporal is unavailable.
    """
    files: Files = {}
    missing: dict[str, Exception] = {}
    for name, part in PARTS.items():
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                files |= await part(settings, cli, order_id)
        except Exception as error:  # noqa: BLE001 - one failing part must not cost the others
            missing[name] = error
    if not any(files.values()):
        raise missing[HISTORY]
    about = README.format(order_id=order_id, at=datetime.now(ZoneInfo(cli.timezone)))
    return Found(files, {name: _reason(error) for name, error in missing.items()}, about)


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def save(found: Found, folder: Path) -> None:
    """Write the bundle into a folder, creating it if needed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in found.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    absent = [f"\nMissing: {name}: {reason}\n" for name, reason in found.missing.items()]
    (folder / "README.txt").write_text("".join([found.about, *absent]), encoding="utf-8")


async def _history(_: Settings, cli: CliContext, order_id: str) -> Files:
    return {HISTORY: replaying.as_json(await history.recorded_of(await cli.connect(), order_id))}


async def _order(_: Settings, cli: CliContext, order_id: str) -> Files:
    return {"order.json": (await orders.snapshot(await cli.connect(), order_id)).model_dump(mode="json")}


async def _rows(settings: Settings, _: CliContext, order_id: str) -> Files:
    engine = wiring.engine(settings)
    try:
        async with engine.connect() as connection:
            tables = MetaData()
            await connection.run_sync(tables.reflect)
            return {
                f"rows/{name}.json": [dict(row) for row in (await connection.execute(chosen)).mappings()]
                for name, chosen in _of_order(tables, order_id).items()
            }
    finally:
        await engine.dispose()


def _of_order(tables: MetaData, order_id: str) -> dict[str, Select[Any]]:
    """Select the rows with this order id, and the rows that reference a selected row."""
    chosen: dict[Table, ColumnElement[bool]] = {}
    for table in tables.sorted_tables:  # referenced tables come first
        if "order_id" in table.c:
            chosen[table] = table.c.order_id == order_id
        elif links := [key for key in table.foreign_keys if key.column.table in chosen]:
            chosen[table] = or_(*(key.parent.in_(select(key.column).where(chosen[key.column.table])) for key in links))
    return {table.name: select(table).where(which).order_by(*table.primary_key) for table, which in chosen.items()}


async def _ledgers(settings: Settings, _: CliContext, order_id: str) -> Files:
    if settings.simulators_url is None:
        return {}
    found: Files = {}
    core = order_id.removeprefix("ORDER_")  # it is part of the task ids, too
    async with httpx.AsyncClient(base_url=settings.simulators_url) as http:
        for name in SIMULATORS:
            answer = await http.get(f"/{name}/ledger", params={"order": core})
            if answer.status_code != NOT_FOUND:
                found[f"ledgers/{name}.json"] = answer.raise_for_status().json()
    return found


PARTS: dict[str, Part] = {HISTORY: _history, "order.json": _order, "rows/": _rows, "ledgers/": _ledgers}
