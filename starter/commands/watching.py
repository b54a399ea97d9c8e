"""Follows an order live: its journal, its status, and its running activities."""

import asyncio
import json
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from temporalio.client import Client

from domain.order import journal
from domain.order.order import Order
from domain.story import details
from domain.texts.catalogue import TEXTS
from domain.vocabulary.status import Status
from domain.vocabulary.trail import JournalEntry
from starter import orders
from starter.commands.cli_context import LANGUAGE

POLL_SECONDS = 0.5
SETTLED = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED, Status.DECLINED, Status.EXPIRED})


async def watch(client: Client, order_id: str, timezone: str, *, as_json: bool) -> Status:
    """Print new journal lines until the order is settled; return its final status. Raises NoSuchOrder."""
    console, zone = Console(highlight=False), ZoneInfo(timezone)
    seen = 0
    with console.status("") as progress:
        while True:
            order = await orders.snapshot(client, order_id)
            for entry in order.journal:
                if entry.serial > seen:
                    console.print(_as_json(entry) if as_json else _line(entry, zone), markup=False, soft_wrap=True)
            seen = order.serial
            if order.status in SETTLED:
                return order.status
            progress.update(_doing(order, await orders.pending_activities(client, order_id)))
            await asyncio.sleep(POLL_SECONDS)


def _as_json(entry: JournalEntry) -> str:
    return json.dumps(entry.model_dump(mode="json"), ensure_ascii=False)


def _line(entry: JournalEntry, zone: ZoneInfo) -> str:
    return f"{entry.at.astimezone(zone):%H:%M:%S}  {entry.by:<9} {journal.words(entry, LANGUAGE)}"


def _doing(order: Order, pending: list[dict[str, Any]]) -> str:
    """Return one line: what the order waits for, and the progress of its activities."""
    texts = TEXTS[LANGUAGE]
    parts = [f"{texts.name('status', order.shown_status)}: waits for {texts.say(details.waits_for(order))}"]
    for activity in pending:
        heartbeat = activity["heartbeat"] or {}
        seconds = f", {heartbeat['seconds']:.0f} s" if "seconds" in heartbeat else ""
        failure = f", last failure: {activity['failure']}" if activity["failure"] else ""
        parts.append(
            f"{heartbeat.get('doing', activity['activity'])} (attempt {activity['attempt']}{seconds}{failure})"
        )
    return " · ".join(parts)
