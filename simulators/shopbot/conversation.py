"""The conversations of the chat page, and which lines reached the shop, kept in two ledgers."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from simulators.common.ledger import Entry, Ledger

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
CUSTOMERS = {"said", "payment"}  # kinds of lines that must reach the shop
CAPTION = "-number"  # suffix of the id of the message with the number of a picture
NEVER_TRIED = "聊天中断了"


class Conversations:
    """Customers' lines and the bot's own answers are in one ledger; messages from the shop are in another."""

    def __init__(self, own: Ledger, told: Ledger) -> None:
        self._own = own
        self._told = told

    @property
    def length(self) -> tuple[int, int]:
        """Return the lengths of both ledgers, which grow with every new entry."""
        return len(self._own), len(self._told)

    def note(self, customer: str, line: str, kind: str, **facts: Any) -> Entry:
        """Record a fact about a line and return its entry; an existing entry is kept."""
        found = self.find(customer, line, kind)
        return found or self._own.add(customer=customer, line=line, kind=kind, **facts)

    def note_failure(self, customer: str, line: str, error: str, *, is_final: bool) -> None:
        """Record why a line did not arrive, and whether that is final."""
        self._own.add(customer=customer, line=line, kind="failed", error=error, is_final=is_final)

    def find(self, customer: str, line: str, *kinds: str) -> Entry | None:
        """Return the entry of this kind about a line, or None."""
        found = self._own.read(customer=customer, line=line)
        return next((entry for entry in found if entry["kind"] in kinds), None)

    def order_of(self, customer: str) -> str | None:
        """Return the id of the customer's last order."""
        orders = self._own.read(customer=customer, kind="order")
        return str(orders[-1]["order"]) if orders else None

    def lines(self, customer: str, under_way: Collection[str]) -> list[dict[str, Any]]:
        """Return the conversation in chronological order; `under_way` are the lines being sent."""
        by_kind: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._own.read(customer=customer):
            by_kind[entry["kind"]].append(entry)
        arrived = {entry["line"] for entry in by_kind["arrived"]}
        failed = {entry["line"]: entry for entry in by_kind["failed"]}
        originals = {entry["preview"]: entry["original"] for entry in by_kind["pair"]}

        def state(line: str) -> dict[str, Any]:
            if line in arrived:
                return {"state": "arrived"}
            if line in under_way:
                return {"state": "sending"}
            why = failed.get(line, {})
            return {"state": "failed", "error": why.get("error", NEVER_TRIED), "is_final": why.get("is_final", False)}

        own = [_own(entry) | state(entry["line"]) for kind in sorted(CUSTOMERS) for entry in by_kind[kind]]
        answers = [_own(entry) | {"by": "shop"} for entry in by_kind["reply"]]
        told = _told_lines(self._told.read(customer=customer, repeat="False"), originals)
        return sorted(own + answers + told, key=lambda line: str(line["at"]))


def last_address(lines: Collection[dict[str, Any]]) -> str | None:
    """Return the last e-mail address that the customer wrote."""
    written = [address for line in lines if line["by"] == "me" for address in ADDRESS.findall(line["text"])]
    return str(written[-1]) if written else None


def _own(entry: Entry) -> dict[str, Any]:
    urls = [*(f"pictures/{name}" for name in entry.get("pictures", [])), *entry.get("links", [])]
    pictures = [{"url": url, "original": None} for url in urls]
    line = {"id": f"{entry['line']}-{entry['kind']}" if entry["kind"] == "reply" else entry["line"], "at": entry["at"]}
    line |= {"by": "me", "kind": entry["kind"], "text": entry["text"], "pictures": pictures}
    return line | {name: entry[name] for name in ("order", "amount") if name in entry}


def _told_lines(entries: Sequence[Entry], originals: dict[str, str]) -> list[dict[str, Any]]:
    """Return the messages of the shop; the number sent before a picture is merged with it."""
    captions = {entry["message_id"]: entry["content"].rstrip(":") for entry in entries if _is_caption(entry)}
    lines = [(entry, _told(entry, originals)) for entry in entries if not _is_caption(entry)]
    return [line | {"caption": captions.get(f"{entry['message_id']}{CAPTION}")} for entry, line in lines]


def _is_caption(entry: Entry) -> bool:
    return str(entry["message_id"]).endswith(CAPTION)


def _told(entry: Entry, originals: dict[str, str]) -> dict[str, Any]:
    line = {"id": f"told-{entry['n']}", "at": entry["at"], "by": "shop", "kind": entry["kind"]}
    line |= {"hint": entry["system_hint"]} if entry["kind"] == "hint" else {}
    if entry["kind"] == "image":
        address = entry["content"]
        return line | {"text": "", "pictures": [{"url": address, "original": originals.get(address)}]}
    return line | {"text": entry["fallback_text"] if entry["kind"] == "hint" else entry["content"], "pictures": []}
