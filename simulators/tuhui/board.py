"""Tuhui's rules for tasks and designers. The whole state is in the ledger, and restored from it at start."""

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Any

from simulators.common.ledger import Entry, Ledger
from simulators.tuhui.tasks import Designer, Task

USUAL = ("橘子", "婷婷")  # designers who are online by default


class Refused(Exception):
    """A refused call, with the status and message of its response."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Board:
    """The tasks and the designers. Effects are recorded before they are visible. All methods may raise Refused."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.tasks: dict[str, Task] = {}
        self.designers = {name: Designer(name) for name in USUAL}
        self.changed = asyncio.Event()
        for entry in ledger.read():
            self._hear(entry)

    # ---- queries -----------------------------------------------------------------------------------------------------

    def online(self) -> list[str]:
        """Return the names of the designers online."""
        return [designer.name for designer in self.designers.values() if designer.online]

    def waiting(self) -> list[Task]:
        """Return the unassigned tasks, which form the queue."""
        now = datetime.now(UTC)
        return [task for task in self.tasks.values() if task.status == "pending" and not task.is_hidden(now)]

    def suggestion(self) -> str | None:
        """Return the designer online with the fewest open tasks."""
        return min(self.online(), key=self.open_tasks, default=None)

    def open_tasks(self, designer: str) -> int:
        """Return the number of a designer's unfinished tasks."""
        return sum(task.is_open for task in self.tasks.values() if task.assigned_to == designer)

    def task(self, task_id: str) -> Task:
        """Return a task."""
        try:
            return self.tasks[task_id]
        except KeyError:
            raise Refused(404, f"Task {task_id} not found") from None

    # ---- calls of the shop -------------------------------------------------------------------------------------------

    def create(self, wanted: dict[str, Any], **facts: Any) -> Task:
        """Create a task; the API is not idempotent."""
        task_id = secrets.token_hex(4)
        self._note("create", task_id=task_id, **wanted, **facts)
        return self.tasks[task_id]

    def assign(self, task_id: str, designer: str, notes: str, **facts: Any) -> Task:
        """Assign a task to a designer, even if another one has it, and even if they are offline.

        A finished task is opened again for a revision.
        """
        task = self.task(task_id)
        if designer not in self.designers:
            raise Refused(422, f"Designer {designer} not found")
        self._must_not_be_ended(task)
        return self._note("assign", task_id=task_id, designer=designer, notes=notes, **facts)

    def complete(self, task_id: str, notes: str, **facts: Any) -> Task:
        """Complete a task for good, whether or not a designer has finished it."""
        self._must_not_be_ended(self.task(task_id))
        return self._note("complete", task_id=task_id, notes=notes, **facts)

    def cancel(self, task_id: str, notes: str, **facts: Any) -> Task:
        """Cancel a task."""
        self._must_not_be_ended(self.task(task_id))
        return self._note("cancel", task_id=task_id, notes=notes, **facts)

    @staticmethod
    def _must_not_be_ended(task: Task) -> None:
        if task.ended:
            raise Refused(409, f"Task {task.task_id} is already {task.ended}")

    # ---- calls of designers ------------------------------------------------------------------------------------------

    def accept(self, task_id: str, by: str) -> Task:
        """Accept a task as its designer. Idempotent."""
        task = self.must_be_open(task_id)
        if task.accepted_at:
            return task
        return self._note("accept", task_id=task_id, designer=task.assigned_to, by=by)

    def finish(self, task_id: str, by: str, **result: Any) -> Task:
        """Submit a picture by the assigned designer."""
        task = self.must_be_open(task_id)
        return self._note("finish", task_id=task_id, designer=task.assigned_to, by=by, **result)

    def must_be_open(self, task_id: str) -> Task:
        """Return a task that is assigned and not finished."""
        task = self.task(task_id)
        if not task.is_open:
            raise Refused(409, f"这个任务现在没有人要做 ({task.status})")
        return task

    def change_designer(self, name: str, **changes: Any) -> Designer:
        """Change whether a designer is online, and how they work; an unknown name adds one."""
        now = self.designers.get(name) or Designer(name)
        facts = {field: getattr(now, field) for field in ("online", "mode", "seconds")}
        self._add("online", designer=name, **facts | changes)
        return self.designers[name]

    # ---- the ledger --------------------------------------------------------------------------------------------------

    def refuse(self, call: str, status: int, **facts: Any) -> None:
        """Record a refused call."""
        self._add("refused", call=call, status=status, **facts)

    def misread(self, call: str, **facts: Any) -> None:
        """Record a query whose answer a fault spoiled."""
        self._add("read", call=call, **facts)

    def fail(self, task_id: str, reason: str) -> None:
        """Record that a picture could not be made."""
        self._add("failed", task_id=task_id, reason=reason)

    def _note(self, kind: str, *, task_id: str, **facts: Any) -> Task:
        """Record an effect on a task, with the first line of its description: the shop identifies tasks by it."""
        description = facts["description"] if kind == "create" else self.tasks[task_id].description
        self._add(kind, task_id=task_id, about=description.partition("\n")[0], **facts)
        return self.tasks[task_id]

    def _add(self, kind: str, **facts: Any) -> None:
        self._hear(self._ledger.add(kind=kind, **facts))
        self.changed.set()

    def _hear(self, entry: Entry) -> None:
        match entry["kind"]:
            case "create":
                names = ("task_id", "task_name", "description", "task_type", "priority", "hidden_seconds")
                facts = {name: entry[name] for name in names}
                self.tasks[entry["task_id"]] = Task(**facts, created_at=entry["at"], changed=entry["n"])
            case "online":
                facts = {name: entry[name] for name in ("online", "mode", "seconds")}
                self.designers[entry["designer"]] = Designer(entry["designer"], **facts, changed=entry["n"])
            case "assign" | "accept" | "finish" | "complete" | "cancel":
                self.tasks[entry["task_id"]].hear(entry)
