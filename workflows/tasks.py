"""What runs beside the main loop of a workflow: named tasks, and one timer for all deadlines."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.texts.catalogue import TEXTS, Language


class TaskSet:
    """Running tasks by name; a name runs once at a time."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._tasks)

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start a task, unless one with this name is running."""
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(work(), name=name)

    def cancel(self, name: str) -> None:
        """Cancel a task and its activity, if it is running."""
        if name in self._tasks:
            self._tasks[name].cancel()

    def has_finished(self) -> bool:
        """Whether any task has finished."""
        return any(work.done() for work in self._tasks.values())

    def pop_finished(self) -> Iterator[tuple[str, asyncio.Task[None]]]:
        """Remove the finished tasks and return them with their names."""
        for name in [name for name, work in self._tasks.items() if work.done()]:
            yield name, self._tasks.pop(name)


class Alarm:
    """One timer for the next deadline. It is kept when the deadline moves later: most orders need no second one."""

    def __init__(self) -> None:
        self._timer: asyncio.Task[None] | None = None
        self._at: datetime | None = None

    def set(self, deadline: tuple[datetime, str] | None, language: Language) -> None:
        """Set the timer for a deadline, or keep an earlier one. The Web UI shows which deadline it was set for."""
        if self.is_due():
            self._timer = None
        if deadline is None or (self._timer and self._at and self._at <= deadline[0]):
            return
        if self._timer:
            self._timer.cancel()
        self._at = deadline[0]
        left = max(deadline[0] - workflow.now(), timedelta(0))
        self._timer = asyncio.create_task(workflow.sleep(left, summary=_named(language, deadline[1])))

    def is_due(self) -> bool:
        """Whether the timer has fired."""
        return self._timer is not None and self._timer.done()


def _named(language: Language, deadline: str) -> str:
    """Return the summary of a timer: since it is kept, it may fire for another deadline, or for none."""
    return TEXTS[language].text("work.alarm", {"deadline": deadline})
