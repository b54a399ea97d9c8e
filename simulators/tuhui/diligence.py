"""Automatic designers: they accept at once, and submit a picture after some seconds."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from simulators.tuhui.board import Board, Refused
from simulators.tuhui.files import Files
from simulators.tuhui.retouching import draw
from simulators.tuhui.tasks import DILIGENT, Task

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0  # seconds before a failed drawing is retried


class Diligence:
    """Runs with the simulators; after a restart it continues with the open tasks of the ledger."""

    def __init__(self, board: Board, files: Files) -> None:
        self._board = board
        self._files = files
        self._pauses: dict[str, tuple[float, float]] = {}  # by task: time of the next retry, length of the pause

    async def work(self) -> None:
        """Do due work, then wait for the next due time or a change."""
        while True:
            self._board.changed.clear()
            tasks = [task for task in self._board.tasks.values() if self._is_ours(task)]
            for task in tasks:
                self._board.accept(task.task_id, DILIGENT)
            await asyncio.gather(*(self._hand_in(task) for task in tasks if self._wait(task) <= 0))
            waits = [self._wait(task) for task in tasks if task.is_open]
            with suppress(TimeoutError):
                await asyncio.wait_for(self._board.changed.wait(), max(0, min(waits)) if waits else None)

    def _is_ours(self, task: Task) -> bool:
        return task.is_open and self._board.designers[task.assigned_to or ""].mode == DILIGENT

    def _wait(self, task: Task) -> float:
        """Return the seconds until a picture is due."""
        takes = timedelta(seconds=self._board.designers[task.assigned_to or ""].seconds)
        due = datetime.fromisoformat(task.assigned_at or task.created_at) + takes
        again, _ = self._pauses.get(task.task_id, (0.0, 0.0))
        return max((due - datetime.now(UTC)).total_seconds(), again - time.monotonic())

    async def _hand_in(self, task: Task) -> None:
        """Draw and submit a picture; a failure is retried with growing pauses."""
        given = task.assigned_at
        try:
            picture = await asyncio.to_thread(draw, task.description, len(task.results))
            result = await self._files.keep(picture)
        except Refused as refusal:
            _, before = self._pauses.get(task.task_id, (0.0, FIRST_PAUSE / 2))
            pause = min(before * 2, LONGEST_PAUSE)
            self._pauses[task.task_id] = (time.monotonic() + pause, pause)
            self._board.fail(task.task_id, str(refusal))
            return
        self._pauses.pop(task.task_id, None)
        if task.is_open and task.assigned_at == given:  # else it was cancelled or reassigned meanwhile
            self._board.finish(task.task_id, DILIGENT, **result)
