"""Narrates an order live: messages, statuses, scores, seconds."""

import time

import httpx
from rich.console import Console
from rich.markup import escape

from domain.order import journal
from domain.order.order import Order

# Journal entries that the conversation shows anyway.
SAID_ANYWAY = {
    "order_started",
    "picture_received",
    "customer_said",
    "told",
    "address_given",
    "revision_started",
    "paid",
}


class Narrator:
    """Prints each line once, with the seconds since the start."""

    def __init__(self, console: Console, simulators_url: str, customer_id: str) -> None:
        self._console = console
        self._ledger = f"{simulators_url}/bot/ledger"
        self._customer_id = customer_id
        self._began = time.monotonic()
        self._journal_seen = 0
        self._heard = 0

    def title(self, text: str) -> None:
        """Print a heading."""
        self._console.print(f"\n[bold]{escape(text)}[/]\n")

    def customer(self, text: str) -> None:
        """Print a message of the customer."""
        self._print("客户", text, "cyan")

    def designer(self, name: str, text: str) -> None:
        """Print an action of a designer."""
        self._print(name, text, "magenta")

    async def tell(self, order: Order) -> None:
        """Print news of the order, and new messages of the bot to the customer."""
        for entry in order.journal:
            if entry.serial > self._journal_seen and entry.what not in SAID_ANYWAY:
                self._print("darkroom", journal.words(entry, "en"), "dim")
        self._journal_seen = order.serial
        await self._tell_messages()

    async def _tell_messages(self) -> None:
        async with httpx.AsyncClient() as http:
            found = (await http.get(self._ledger, params={"customer": self._customer_id})).json()
        for message in found[self._heard :]:
            if not message["repeat"]:
                hinted = message["kind"] == "hint"
                words = message["fallback_text"] if hinted else message["content"]
                shown = f"[图片 {words.rpartition('/')[2]}]" if message["kind"] == "image" else words
                self._print("店铺", shown, "green")
        self._heard = len(found)

    def _print(self, who: str, words: str, style: str) -> None:
        seconds = time.monotonic() - self._began
        self._console.print(f"{seconds:6.1f} s  [{style}]{who:>8}[/]  {escape(words)}", soft_wrap=True)
