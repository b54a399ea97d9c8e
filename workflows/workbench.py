"""What runs beside the story of a workflow: pieces of work, each once at a time, and one alarm for all deadlines."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.texts.catalogue import TEXTS, Language


class TaskSet:
    """Pieces of work by their names."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._tasks)

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let a piece of work run, unless one of this name does."""
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(work(), name=name)

    def cancel(self, name: str) -> None:
        """Call a piece of work off; its activity is cancelled."""
        if name in self._tasks:
            self._tasks[name].cancel()

    def has_finished(self) -> bool:
        """Whether a piece of work has ended."""
        return any(work.done() for work in self._tasks.values())

    def pop_finished(self) -> Iterator[tuple[str, asyncio.Task[None]]]:
        """Take out what has ended."""
        for name in [name for name, work in self._tasks.items() if work.done()]:
            yield name, self._tasks.pop(name)


class Alarm:
    """One timer for the next deadline of all. It is kept when that moves away: most orders need no second."""

    def __init__(self) -> None:
        self._timer: asyncio.Task[None] | None = None
        self._at: datetime | None = None

    def set(self, deadline: tuple[datetime, str] | None, language: Language) -> None:
        """Let it ring at a moment, or earlier; the Web UI shows for which deadline it was set."""
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
        """Whether the time has come."""
        return self._timer is not None and self._timer.done()


def _named(language: Language, deadline: str) -> str:
    """Name a timer: it is kept where its deadline moves away, so it may ring for another one, or for none."""
    return TEXTS[language].text("work.alarm", {"deadline": deadline})
