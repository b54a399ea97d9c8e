"""The lines of an order's journal in words, for the Web UI, the terminal and the demonstration alike."""

from collections.abc import Callable
from typing import Any

from domain.status import Status
from domain.trail import JournalEntry

LONGEST = 160  # characters of a line


def words(entry: JournalEntry) -> str:
    """Tell one line of the journal in one line of words."""
    told = _TELLERS.get(entry.what, _plainly)(entry, entry.facts)
    return told.replace("\n", " ")[:LONGEST]


def _plainly(entry: JournalEntry, facts: dict[str, Any]) -> str:
    known = ", ".join(f"{name} {value}" for name, value in facts.items() if value not in (None, ""))
    return f"{entry.what.replace('_', ' ')}: {known}" if known else entry.what.replace("_", " ")


def _picture(entry: JournalEntry) -> str:
    return f"picture {(entry.task_id or '').rpartition('_')[2]}"


def _examined(entry: JournalEntry, facts: dict[str, Any]) -> str:
    by = f" by {facts['provider']} ({facts['model']})" if "provider" in facts else ""
    return f"{_picture(entry)} looked at{by}: {facts['operation']}"


def _quoted(_: JournalEntry, facts: dict[str, Any]) -> str:
    return f"quote {facts['version']}: {facts['span']}" + (", high value" if facts["high_value"] else "")


def _paid(_: JournalEntry, facts: dict[str, Any]) -> str:
    flagged = f" (flagged: {facts['flagged']})" if facts["flagged"] else ""
    return f"paid {facts['amount']} {facts['currency']}{flagged}"


def _moved(entry: JournalEntry, facts: dict[str, Any]) -> str:
    return f"{_picture(entry)}: {Status(facts['from']).label} → {Status(facts['to']).label}"


def _attempted(entry: JournalEntry, facts: dict[str, Any]) -> str:
    model = f" ({facts['model']})" if facts["model"] else ""
    by = f" by {facts['provider']}{model}" if facts["provider"] else ""
    score = "" if facts["score"] is None else f"score {facts['score']}"
    issue = f"{score} ({facts['issue']})" if score and facts["issue"] else score or facts["issue"] or "not scored"
    return f"{_picture(entry)}, attempt {facts['attempt']}{by}: {issue}"


def _said(_: JournalEntry, facts: dict[str, Any]) -> str:
    return f"the customer said: {facts['text']}"


def _told(_: JournalEntry, facts: dict[str, Any]) -> str:
    return "showed the customer a picture" if facts["phrase"] == "image" else f"told the customer: {facts['phrase']}"


def _refunded(_: JournalEntry, facts: dict[str, Any]) -> str:
    reason = f" ({facts['reason']})" if facts["reason"] else ""
    return f"refunded {facts['amount']} {facts['currency']}{reason}"


def _changed(entry: JournalEntry, facts: dict[str, Any]) -> str:
    refused = f", refused: {facts['refused']}" if facts.get("refused") else ""
    return f"{_picture(entry)}, {facts['what_changed'].replace('_', ' ')}: {facts['old']} → {facts['new']}{refused}"


def _why(facts: dict[str, Any]) -> str:
    return f": {facts['reason']}" if facts.get("reason") else ""


def _dispatched(entry: JournalEntry, facts: dict[str, Any]) -> str:
    designer = f", {facts['designer']}" if facts["designer"] else ""
    return f"{_picture(entry)} at the designers': {facts['standing'].replace('_', ' ')}{designer}{_why(facts)}"


def _mailed(_: JournalEntry, facts: dict[str, Any]) -> str:
    error = f" ({facts['error']})" if facts["error"] else ""
    return f"letter {facts['message_id']}: {facts['status']}{error}"


_TELLERS: dict[str, Callable[[JournalEntry, dict[str, Any]], str]] = {
    "order_started": lambda _, facts: f"order of {facts['customer']} at shop {facts['shop'] or '(none)'}",
    "picture_received": lambda entry, _: f"{_picture(entry)} came in",
    "examined": _examined,
    "quoted": _quoted,
    "paid": _paid,
    "status_changed": _moved,
    "attempted": _attempted,
    "revision_started": lambda entry, facts: f"{_picture(entry)}, revision {facts['round']}: {facts['wish']}",
    "customer_said": _said,
    "address_given": lambda _, __: "the customer gave an e-mail address",
    "told": _told,
    "refunded": _refunded,
    "changed": _changed,
    "change_refused": _changed,
    "staff_told": lambda _, facts: f"told staff: {facts['phrase'].removeprefix('staff_').replace('_', ' ')}",
    "lapsed": lambda _, facts: f"time is up: {facts['wait']}",
    "released": lambda _, facts: f"goes on although {facts['why']}: {facts['reason']}",
    "cancel_requested": lambda entry, facts: (
        f"{entry.by} asks to cancel" + (f": {facts['reason']}" * bool(facts["reason"]))
    ),
    "resumed": lambda _, facts: "staff let it go on" + (f": {facts['reason']}" * bool(facts["reason"])),
    "mailed": _mailed,
    "transferred": lambda entry, facts: f"{_picture(entry)} goes to the designers: {facts['reason']}",
    "dispatch_changed": _dispatched,
    "result_repeated": lambda entry, _: f"{_picture(entry)}: the result of {entry.by} lies there already",
    "result_offered": lambda entry, facts: (
        f"{_picture(entry)}: a result of {entry.by} came" + (f": {facts['notes']}" * bool(facts["notes"]))
    ),
}
