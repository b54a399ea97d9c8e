"""`darkroom order bundle`: all that is known of an order in one folder, for whoever looks into it."""

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

TIMEOUT_SECONDS = 15.0  # seconds for each part; a question to a worker takes up to 10
SIMULATORS = ("gemini", "ark", "bot", "mailbox", "wecom", "tuhui")
NOT_FOUND = 404
HISTORY = "history.json"
README = """{order_id}, as of {at:%Y-%m-%d %H:%M:%S %Z}

This folder holds personal data: names, addresses and words of a customer. Give it to nobody who need not see it, and
delete it when the case is closed. Pictures are not in it; their keys in storage are.

history.json   what Temporal recorded, event by event; `darkroom replay --file history.json` replays it on today's code
order.json     the order as its workflow held it at this moment
rows/          its rows in Postgres, one file a table
ledgers/       what the simulators of the outside world saw of it, where they stand in for it
"""

Files = dict[str, Any]  # what each file is to hold, by its path in the folder
Part = Callable[[Settings, CliContext, str], Awaitable[Files]]


def folder_for(order_id: str, timezone: str) -> Path:
    """Return where a bundle lies when nobody says where: each has a folder of its own."""
    return Path(f"{order_id}-{datetime.now(ZoneInfo(timezone)):%Y%m%d-%H%M%S}")


def is_free(folder: Path) -> bool:
    """Whether a folder can be written into, so that a bundle holds one moment of one order."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


@dataclass(frozen=True)
class Found:
    """What was found of an order, and why the rest was not."""

    files: Files
    missing: dict[str, str]
    about: str


async def gather(settings: Settings, cli: CliContext, order_id: str) -> Found:
    """Return all that can be had of an order.

    Where that is nothing, raises what Temporal said of it: NoSuchOrder, or ConnectionError when it is away.
    """
    files: Files = {}
    missing: dict[str, Exception] = {}
    for name, part in PARTS.items():
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                files |= await part(settings, cli, order_id)
        except Exception as error:  # noqa: BLE001 - whatever a part runs into, the others are worth having
            missing[name] = error
    if not any(files.values()):
        raise missing[HISTORY]
    about = README.format(order_id=order_id, at=datetime.now(ZoneInfo(cli.timezone)))
    return Found(files, {name: _reason(error) for name, error in missing.items()}, about)


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def save(found: Found, folder: Path) -> None:
    """Write what was found."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in found.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    absent = [f"\nNot here: {name}: {reason}\n" for name, reason in found.missing.items()]
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
    """Choose the rows that name the order, and those that refer to a row which is chosen already."""
    chosen: dict[Table, ColumnElement[bool]] = {}
    for table in tables.sorted_tables:  # a table comes after those it refers to
        if "order_id" in table.c:
            chosen[table] = table.c.order_id == order_id
        elif links := [key for key in table.foreign_keys if key.column.table in chosen]:
            chosen[table] = or_(*(key.parent.in_(select(key.column).where(chosen[key.column.table])) for key in links))
    return {table.name: select(table).where(which).order_by(*table.primary_key) for table, which in chosen.items()}


async def _ledgers(settings: Settings, _: CliContext, order_id: str) -> Files:
    if settings.simulators_url is None:
        return {}
    found: Files = {}
    core = order_id.removeprefix("ORDER_")  # the ids of its tasks hold it too
    async with httpx.AsyncClient(base_url=settings.simulators_url) as http:
        for name in SIMULATORS:
            answer = await http.get(f"/{name}/ledger", params={"order": core})
            if answer.status_code != NOT_FOUND:
                found[f"ledgers/{name}.json"] = answer.raise_for_status().json()
    return found


PARTS: dict[str, Part] = {HISTORY: _history, "order.json": _order, "rows/": _rows, "ledgers/": _ledgers}
