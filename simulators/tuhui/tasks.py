"""Tasks and designers of Tuhui, restored from the entries of the ledger."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulators.common.ledger import Entry

BY_HAND, DILIGENT, IGNORES = "by_hand", "diligent", "ignores"


@dataclass
class Designer:
    """A designer. `seconds` is how long an automatic one takes for a picture."""

    name: str
    online: bool = True
    mode: str = BY_HAND
    seconds: float = 1.0
    changed: int = 0  # number of the last entry that changed them


@dataclass
class Task:
    """A task, from its creation until the shop has ended it.

    A task is `submitted` once a designer has submitted a picture, and `completed` or `cancelled` once the shop has
    closed it. The shop may complete a submitted task when the customer is satisfied, cancel it, or assign it again for
    another round. A closed task stays closed.
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
        """The status as Tuhui names it."""
        if self.ended:
            return self.ended
        if self.finished_at:
            return "submitted"
        if self.accepted_at:
            return "accepted"
        return "assigned" if self.assigned_to else "pending"

    @property
    def is_open(self) -> bool:
        """Whether it is assigned and not finished."""
        return self.status in {"assigned", "accepted"}

    @property
    def result(self) -> str | None:
        """The submitted file, unless a revision has been requested since."""
        return self.results[-1]["file"] if self.finished_at else None

    def is_hidden(self, now: datetime) -> bool:
        """Whether the queue does not show it yet."""
        return now < datetime.fromisoformat(self.created_at) + timedelta(seconds=self.hidden_seconds)

    def facts(self) -> dict[str, Any]:
        """Return the task as Tuhui describes it, without the result, whose URL depends on the request."""
        names = ("task_id", "task_name", "description", "task_type", "priority", "status", "assigned_to", "notes")
        times = ("created_at", "assigned_at", "accepted_at")
        facts = {name: getattr(self, name) for name in (*names, *times)}
        return facts | {"completed_at": self.ended_at or self.finished_at}

    def hear(self, entry: Entry) -> None:
        """Apply an entry of the ledger."""
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
        """Assign it. A designer who has already accepted it only gets the new notes; any other has to accept it."""
        if designer != self.assigned_to or self.finished_at:
            self.accepted_at = None
        self.assigned_to, self.assigned_at, self.finished_at = designer, at, None
