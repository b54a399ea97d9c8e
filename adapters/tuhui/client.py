"""The dispatch system Tuhui (图绘): tasks for human designers, their assignment and status."""

from dataclasses import dataclass
from urllib.parse import quote

import httpx

from adapters.tuhui.answers import Anything, Created, Online, Queue, Suggestion, Task, read
from adapters.tuhui.wire import Wire
from domain.designers.ports import DispatchTask
from domain.vocabulary.errors import OutsideRefused

USUAL = {"task_type": "image_process", "priority": 2}
COMPLETE_PATH = "/tasks/{id}/complete"
CANCELLED = frozenset({"cancelled", "canceled"})
GONE = frozenset({404, 410})


@dataclass(frozen=True)
class TuhuiOptions:
    """Details that Tuhui does not document; each shop configures them."""

    finished_statuses: frozenset[str] = frozenset({"completed"})  # in lower case, like the others
    accepted_statuses: frozenset[str] = frozenset()
    result_field: str | None = None  # `result.url` is a nested field
    cancel_path: str | None = None  # e.g. /tasks/{id}/cancel


class Tuhui:
    """The Dispatch port. Everything raises OutsideUnavailable, OutsideRefused."""

    def __init__(
        self, url: str, api_key: str, client: httpx.AsyncClient, options: TuhuiOptions = TuhuiOptions()
    ) -> None:
        self._wire = Wire(url, api_key, client)
        self._options = options

    async def online(self) -> list[str]:
        """Return the names of the designers online."""
        there = read(Online, await self._wire.ask("GET", "/online/designers"))
        return list(dict.fromkeys(there.designers))

    async def suggestion(self) -> str | None:
        """Return the designer suggested by Tuhui."""
        return read(Suggestion, await self._wire.ask("GET", "/dispatch/queue")).name

    async def pending(self, marker: str) -> str | None:
        """Return the id of the unassigned task whose description has this first line."""
        return read(Queue, await self._wire.ask("GET", "/dispatch/queue")).find(marker)

    async def create(self, name: str, description: str) -> str:
        """Create a task and return its id. If the response is lost, the error says that the task may exist."""
        wanted = {"task_name": name, "description": description, **USUAL}
        return read(Created, await self._wire.ask("POST", "/tasks", wanted, creates=True), creates=True).task_id

    async def assign(self, task_id: str, designer: str, notes: str) -> None:
        """Assign a task to a designer, whoever had it before."""
        path = _path("/tasks/{id}/assign", task_id)
        read(Anything, await self._wire.ask("POST", path, {"designer_name": designer, "notes": notes}))

    async def task(self, task_id: str) -> DispatchTask:
        """Return the state of a task."""
        return self._seen(await self._wire.ask("GET", _path("/tasks/{id}", task_id)))

    async def complete(self, task_id: str, notes: str) -> None:
        """Complete a task; no effect if it is already closed or deleted."""
        await self._end(COMPLETE_PATH, task_id, notes)

    async def cancel(self, task_id: str, notes: str) -> None:
        """Cancel a task, or complete it with these notes if no cancel path is configured."""
        await self._end(self._options.cancel_path or COMPLETE_PATH, task_id, notes)

    async def _end(self, template: str, task_id: str, notes: str) -> None:
        try:
            read(Anything, await self._wire.ask("POST", _path(template, task_id), {"notes": notes}))
        except OutsideRefused:  # because it is over already, perhaps
            if not await self._is_over(task_id):
                raise

    async def _is_over(self, task_id: str) -> bool:
        answer = await self._wire.call("GET", _path("/tasks/{id}", task_id))
        if answer.status in GONE:
            return True
        task = self._seen(self._wire.granted(answer))
        return task.is_finished or _plain(task.status) in CANCELLED

    def _seen(self, body: bytes) -> DispatchTask:
        task = read(Task, body)
        return DispatchTask(
            status=task.status,
            designer=task.assigned_to or "",
            is_accepted=_plain(task.status) in self._options.accepted_statuses,
            is_finished=_plain(task.status) in self._options.finished_statuses,
            result_url=task.address(self._options.result_field),
        )


def _plain(status: str) -> str:
    return status.strip().lower()


def _path(template: str, task_id: str) -> str:
    return template.replace("{id}", quote(task_id, safe=""))
