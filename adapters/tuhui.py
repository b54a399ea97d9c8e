"""Tuhui (图绘), the dispatch system of human designers, over HTTP."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from adapters.http import is_permanent, retry_after
from domain.designers import DispatchTask
from domain.errors import OutsideRefused, OutsideUnavailable

TIMEOUT_SECONDS = 10  # for a call and its answer as a whole: an answer that drips is none
LONGEST_ANSWER = 1_000_000  # bytes
MAYBE_THERE = timedelta(seconds=5)  # a task whose creation was not answered is looked for so much later
PRIORITY = 2
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}


@dataclass(frozen=True)
class Undocumented:
    """What their API does not say, and the shop may know: statuses, a field, a way to cancel."""

    finished_status: str = "completed"
    accepted_status: str = ""
    result_field: str = ""
    cancel_path: str = ""


class _Pending(BaseModel):
    task_id: str
    description: str


class _PendingTasks(BaseModel):
    count: int
    tasks: list[_Pending]


class _Queue(BaseModel):
    pending_tasks: _PendingTasks
    suggestion: str | None = None


class TuhuiDispatch:
    """The Dispatch port. Errors never quote the key."""

    def __init__(self, url: str, api_key: str, client: httpx.AsyncClient, known: Undocumented) -> None:
        self._url = url.rstrip("/")
        self._key = api_key
        self._client = client
        self._known = known

    async def online(self) -> list[str]:
        """Return the names of the designers who are there now."""
        names = await self._call("GET", "/online/designers")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _garbled("/online/designers")
        return names

    async def suggestion(self) -> str | None:
        """Return the designer whom the system would take, if it has an opinion."""
        return (await self._queue()).suggestion

    async def pending(self, marker: str) -> str | None:
        """Return the id of the unassigned task whose description begins with this line, if there is one."""
        waiting = (await self._queue()).pending_tasks.tasks
        return next((task.task_id for task in waiting if _first_line(task.description) == marker), None)

    async def _queue(self) -> _Queue:
        """Read the queue; of one that is cut nobody knows what is not in it."""
        path = "/dispatch/queue"
        try:
            queue = _Queue.model_validate(await self._call("GET", path))
        except ValidationError:
            raise _garbled(path) from None
        if queue.pending_tasks.count != len(queue.pending_tasks.tasks):
            raise _garbled(path)
        return queue

    async def create(self, name: str, description: str) -> str:
        """Create a task and return its id. Where the answer was lost it may be there all the same."""
        task = {"task_name": name, "description": description, "task_type": "image_process", "priority": PRIORITY}
        try:
            answer = await self._call("POST", "/tasks", task)
            return str(answer["task_id"])
        except OutsideUnavailable as error:
            error.retry_after = error.retry_after or MAYBE_THERE
            raise
        except (KeyError, TypeError):
            raise OutsideUnavailable("Tuhui created a task and did not name it", retry_after=MAYBE_THERE) from None

    async def assign(self, task_id: str, designer: str, notes: str) -> None:
        """Give a task to a designer, whoever has it."""
        await self._call("POST", f"/tasks/{_part(task_id)}/assign", {"designer_name": designer, "notes": notes})

    async def task(self, task_id: str) -> DispatchTask:
        """Return a task as it stands."""
        path = f"/tasks/{_part(task_id)}"
        answer = await self._call("GET", path)
        if not isinstance(answer, dict) or not isinstance(answer.get("status"), str):
            raise _garbled(path)
        status = answer["status"].strip()
        return DispatchTask(
            status=status,
            designer=str(answer.get("assigned_to") or ""),
            is_accepted=status.lower() in _statuses(self._known.accepted_status),
            is_finished=status.lower() in _statuses(self._known.finished_status),
            result_url=self._result(answer),
        )

    def _result(self, answer: Any) -> str | None:
        """Return what lies in the field of the result, which may be a path such as `result.url`."""
        for name in filter(None, self._known.result_field.split(".")):
            answer = answer.get(name) if isinstance(answer, dict) else None
        is_address = isinstance(answer, str) and answer.startswith(("http://", "https://"))
        return answer if is_address else None

    async def complete(self, task_id: str, notes: str) -> None:
        """Complete a task; one that is finished already, or is there no more, stays as it is."""
        await self._end(f"/tasks/{_part(task_id)}/complete", notes)

    async def cancel(self, task_id: str, notes: str) -> None:
        """Cancel a task, or complete it with these notes where the shop knows no cancelling."""
        path = self._known.cancel_path or "/tasks/{id}/complete"
        await self._end(path.replace("{id}", _part(task_id)), notes)

    async def _end(self, path: str, notes: str) -> None:
        await self._call("POST", path, {"notes": notes}, taken_for_done=GONE)

    async def _call(self, method: str, path: str, body: Any = None, *, taken_for_done: Any = ()) -> Any:
        """Return the JSON of an answer. Raises OutsideUnavailable, OutsideRefused."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                response, said = await self._ask(method, f"{self._url}{path}", body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise OutsideRefused("TUHUI_URL is no address") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutsideUnavailable(f"Tuhui cannot be reached at {path}: {type(error).__name__}") from error
        if response.status_code in taken_for_done:
            return None
        if not response.is_success:
            raise self._failure(path, response, said)
        try:
            return httpx.Response(HTTPStatus.OK, content=said).json()
        except ValueError:
            raise _garbled(path) from None

    async def _ask(self, method: str, url: str, body: Any) -> tuple[httpx.Response, bytes]:
        said, headers = bytearray(), {"X-API-Key": self._key, "Accept-Encoding": "identity"}
        async with self._client.stream(
            method, url, json=body, headers=headers, timeout=TIMEOUT_SECONDS, follow_redirects=False
        ) as response:
            async for chunk in response.aiter_raw():
                said += chunk
                if len(said) > LONGEST_ANSWER:
                    raise httpx.DecodingError("the answer is too long")
        return response, bytes(said)

    def _failure(self, path: str, response: httpx.Response, said: bytes) -> OutsideRefused | OutsideUnavailable:
        words = said[:200].decode(errors="replace").replace(self._key, "…")
        message = f"Tuhui answered {response.status_code} at {path}: {words}"
        if is_permanent(response.status_code):
            return OutsideRefused(message)
        return OutsideUnavailable(message, retry_after=retry_after(response.headers))


def _garbled(path: str) -> OutsideUnavailable:
    return OutsideUnavailable(f"Tuhui's answer at {path} is not what it should be")


def _first_line(description: str) -> str:
    return (description.strip().splitlines() or [""])[0].strip()


def _part(task_id: str) -> str:
    return quote(task_id, safe="")


def _statuses(names: str) -> set[str]:
    return {name.strip().lower() for name in names.split(",") if name.strip()}
