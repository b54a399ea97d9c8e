"""A task of Tuhui's and a designer, each as the ledger's entries about them have made them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulators.common.ledger import Entry

BY_HAND, DILIGENT, IGNORES = "by_hand", "diligent", "ignores"


@dataclass
class Designer:
    """Somebody who does tasks. `seconds` is how long a diligent one takes for a picture."""

    name: str
    online: bool = True
    mode: str = BY_HAND
    seconds: float = 1.0
    changed: int = 0  # the number of the entry that made them so


@dataclass
class Task:
    """A task, from its creation until the shop has ended it.

    That a designer has handed a picture in, and that the shop has closed the task, are two things: `submitted`, and
    `completed` or `cancelled`. What was handed in the shop may complete, once the customer is content, cancel, or
    assign again for another round. What the shop has closed stays closed.
    """

    task_id: str
    task_name: str
    description: str
    task_type: str
    priority: int
    created_at: str
    hidden_seconds: float = 0.0
    assigned_to: str | None = None
    assigned_at: str | None = None
    accepted_at: str | None = None
    finished_at: str | None = None  # by the designer
    ended: str | None = None  # by the shop: completed or cancelled
    ended_at: str | None = None
    results: list[Entry] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    changed: int = 0

    @property
    def status(self) -> str:
        """Its status in Tuhui's words."""
        if self.ended:
            return self.ended
        if self.finished_at:
            return "submitted"
        if self.accepted_at:
            return "accepted"
        return "assigned" if self.assigned_to else "pending"

    @property
    def is_open(self) -> bool:
        """Whether somebody has it who has not finished."""
        return self.status in {"assigned", "accepted"}

    @property
    def result(self) -> str | None:
        """The file that was handed in, unless another one is wanted by now."""
        return self.results[-1]["file"] if self.finished_at else None

    def is_hidden(self, now: datetime) -> bool:
        """Whether the queue does not show it yet."""
        return now < datetime.fromisoformat(self.created_at) + timedelta(seconds=self.hidden_seconds)

    def facts(self) -> dict[str, Any]:
        """Return what Tuhui tells of it, the result aside: its address depends on who asks."""
        names = ("task_id", "task_name", "description", "task_type", "priority", "status", "assigned_to", "notes")
        times = ("created_at", "assigned_at", "accepted_at")
        facts = {name: getattr(self, name) for name in (*names, *times)}
        return facts | {"completed_at": self.ended_at or self.finished_at}

    def hear(self, entry: Entry) -> None:
        """Become what an entry of the ledger says."""
        self.changed = entry["n"]
        if entry.get("notes"):
            self.notes.append({"at": entry["at"], "kind": entry["kind"], "text": entry["notes"]})
        match entry["kind"]:
            case "assign":
                self._given_to(entry["designer"], entry["at"])
            case "accept":
                self.accepted_at = entry["at"]
            case "finish":
                self.accepted_at, self.finished_at = self.accepted_at or entry["at"], entry["at"]
                self.results.append(entry)
            case "complete" | "cancel" as kind:
                self.ended, self.ended_at = {"complete": "completed", "cancel": "cancelled"}[kind], entry["at"]

    def _given_to(self, designer: str, at: str) -> None:
        """Whoever has it and is at it only reads the new notes; all others have to accept it."""
        if designer != self.assigned_to or self.finished_at:
            self.accepted_at = None
        self.assigned_to, self.assigned_at, self.finished_at = designer, at, None
