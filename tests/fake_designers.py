"""A dispatch system and a table of dispatches in memory, with designers whom tests play."""

from collections.abc import Sequence
from dataclasses import replace

from domain.designers.dispatch import DispatchRequest
from domain.designers.ports import DispatchTask
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable

ENDED = {"completed", "cancelled"}


class FakeDispatch:
    """A dispatch system with two designers, whose tasks tests accept and finish."""

    def __init__(self) -> None:
        self.there = ["橘子", "婷婷"]
        self.gone: set[str] = set()  # whom it knows no more
        self.suggested: str | None = None
        self.tasks: dict[str, DispatchTask] = {}
        self.descriptions: dict[str, str] = {}
        self.notes: dict[str, list[str]] = {}
        self.given: list[tuple[str, str, str]] = []
        self.failures: list[Exception] = []
        self.slow_lists = 0  # in which a new task does not stand yet
        self.lost_answers = 0  # of creations that took effect
        self.unreadable_queues = self.unreadable_afterwards = 0  # at once, and once something was created

    def _stumble(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    async def online(self) -> list[str]:
        self._stumble()
        return self.there

    async def suggestion(self) -> str | None:
        return self.suggested

    async def pending(self, marker: str) -> str | None:
        self._stumble()
        if self.unreadable_queues:
            self.unreadable_queues -= 1
            raise OutsideUnavailable("the queue cannot be read")
        if self.tasks and self.slow_lists:
            self.slow_lists -= 1
            return None
        waiting = {task_id for task_id, task in self.tasks.items() if task.status == "pending"}
        named = (task_id for task_id in waiting if self.descriptions[task_id].splitlines()[0] == marker)
        return next(named, None)

    async def create(self, name: str, description: str) -> str:
        self._stumble()
        self.unreadable_queues = self.unreadable_afterwards
        task_id = f"T{len(self.tasks) + 1}"
        self.tasks[task_id] = DispatchTask("pending")
        self.descriptions[task_id], self.notes[task_id] = f"{description}\n{name}", []
        if self.lost_answers:
            self.lost_answers -= 1
            raise OutsideUnavailable("the answer was lost")
        return task_id

    async def assign(self, task_id: str, designer: str, notes: str) -> None:
        self._stumble()
        if self.tasks[task_id].status in ENDED or designer in self.gone:
            raise OutsideRefused("409" if designer not in self.gone else "422")
        self.given.append((task_id, designer, notes))
        self.tasks[task_id] = replace(self.tasks[task_id], status="assigned", designer=designer, is_accepted=False)

    async def task(self, task_id: str) -> DispatchTask:
        self._stumble()
        return self.tasks[task_id]

    async def complete(self, task_id: str, notes: str) -> None:
        self._stumble()
        self._end(task_id, "completed", notes)

    async def cancel(self, task_id: str, notes: str) -> None:
        self._stumble()
        self._end(task_id, "cancelled", notes)

    def _end(self, task_id: str, status: str, notes: str) -> None:
        self.tasks[task_id] = DispatchTask(status, self.tasks[task_id].designer, is_finished=True)
        self.notes[task_id].append(notes)

    def accept(self, task_id: str) -> None:
        self.tasks[task_id] = DispatchTask("accepted", self.tasks[task_id].designer, is_accepted=True)

    def hand_in(self, task_id: str, result_url: str) -> None:
        """The task has a result, and stays open for a revision; until then it stays there."""
        self.tasks[task_id] = DispatchTask("submitted", self.tasks[task_id].designer, result_url=result_url)

    def finish(self, task_id: str, result_url: str | None) -> None:
        designer = self.tasks[task_id].designer
        self.tasks[task_id] = DispatchTask("completed", designer, is_finished=True, result_url=result_url)


class FakeDispatchRecords:
    def __init__(self) -> None:
        self.opened_as: dict[str, str] = {}
        self.turns: list[str] = []
        self.ended: dict[str, str] = {}
        self.failures: list[Exception] = []

    def _stumble(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    async def opened(self, dispatch_id: str, request: DispatchRequest) -> None:
        self._stumble()
        self.opened_as.setdefault(dispatch_id, "")

    async def next_in_turn(self, designers: Sequence[str]) -> str:
        last = {name: turn for turn, name in enumerate(self.turns)}
        return min(designers, key=lambda name: last.get(name, -1))

    async def assigned(self, dispatch_id: str, designer: str, dispatch_task_id: str) -> None:
        self._stumble()
        self.opened_as[dispatch_id] = dispatch_task_id
        self.turns.append(designer)

    async def closed(self, dispatch_id: str, closing: str) -> None:
        self.ended[dispatch_id] = closing
