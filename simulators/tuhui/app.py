"""Tuhui's (图绘) API; every effect is in the ledger."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from simulators.common.ledger import Ledger
from simulators.tuhui.board import Board, Refused
from simulators.tuhui.desk import Desk
from simulators.tuhui.diligence import Diligence
from simulators.tuhui.faults import Hidden, TuhuiFault, answered, refuses, waiting_faults
from simulators.tuhui.files import Files
from simulators.tuhui.tasks import Task
from simulators.tuhui.wire import Assignment, Ending, Misread, NewTask, Nothing, problem, read

EFFECTS = {"create", "assign", "complete", "cancel"}  # the other calls only read

Act = Callable[[Request, Any, dict[str, Any]], Any]  # handles a body, adds facts for the ledger, returns the answer


class Tuhui:
    """The API with one key, the designers' desk, and automatic designers."""

    def __init__(self, ledger: Ledger, key: str, folder: Path) -> None:
        self._ledger = ledger
        self._key = key
        self._faults = waiting_faults()
        self._board = Board(ledger)
        files = Files(folder)
        self._desk = Desk(self._board, files)
        self.work = Diligence(self._board, files).work

    @property
    def routes(self) -> list[Route | Mount]:
        """Return the routes: the API, the faults, the ledger, and the pages for people."""
        calls: list[tuple[str, str, str, type[Any], Act]] = [
            ("GET", "/online/designers", "online", Nothing, self._online),
            ("GET", "/dispatch/queue", "queue", Nothing, self._queue),
            ("POST", "/tasks", "create", NewTask, self._create),
            ("POST", "/tasks/{id}/assign", "assign", Assignment, self._assign),
            ("GET", "/tasks/{id}", "task", Nothing, self._task),
            ("POST", "/tasks/{id}/complete", "complete", Ending, self._complete),
            ("POST", "/tasks/{id}/cancel", "cancel", Ending, self._cancel),
        ]
        api = [Route(path, self._call(kind, shape, act), methods=[method]) for method, path, kind, shape, act in calls]
        return [*api, *self._faults.routes, self._ledger.route, *self._desk.routes]

    # ---- any call ----------------------------------------------------------------------------------------------------

    def _call(self, kind: str, shape: type[Any], act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            facts: dict[str, Any] = {"fault": None}
            if "id" in request.path_params:
                facts["task_id"] = request.path_params["id"]
            try:
                self._check_key(request)
                wanted = read(shape, await request.body())
                fault = self._faults.take(kind, (), self._about(request, wanted))
                facts["fault"] = fault and fault.fault
                return self._done(kind, fault, facts, lambda: act(request, wanted, _noted(fault, facts)))
            except Refused as refusal:
                self._board.refuse(kind, refusal.status, **facts)
                return problem(refusal.status, str(refusal))
            except Misread as error:
                self._board.refuse(kind, 422, **facts)
                return problem(422, error.detail)

        return answer

    def _done(self, kind: str, fault: TuhuiFault | None, facts: dict[str, Any], act: Callable[[], Any]) -> Response:
        """Execute a call and answer it, unless a fault prevents either."""
        if refuses(fault):
            response = answered(fault, None)
            self._board.refuse(kind, response.status_code, **facts)
            return response
        body = act()
        if fault and kind not in EFFECTS:
            self._board.misread(kind, **facts)
        return answered(fault, body)

    def _check_key(self, request: Request) -> None:
        if not compare_digest(request.headers.get("x-api-key", "").encode(), self._key.encode()):
            raise Refused(401, "Invalid or missing API key")

    def _about(self, request: Request, wanted: Any) -> str:
        """Return the text that a fault's `about` is matched with: of the task that the call creates or names."""
        task = self._board.tasks.get(request.path_params.get("id", ""))
        return f"{task.task_id} {task.description}" if task else getattr(wanted, "description", "")

    # ---- the calls ---------------------------------------------------------------------------------------------------

    def _online(self, _request: Request, _wanted: Nothing, _facts: dict[str, Any]) -> Any:
        return self._board.online()

    def _queue(self, request: Request, _wanted: Nothing, _facts: dict[str, Any]) -> Any:
        tasks, online = [_told(request, task) for task in self._board.waiting()], self._board.online()
        return {
            "pending_tasks": {"count": len(tasks), "tasks": tasks},
            "online_designers": {"count": len(online), "designers": online},
            "suggestion": self._board.suggestion(),
        }

    def _create(self, _request: Request, wanted: NewTask, facts: dict[str, Any]) -> Any:
        return {"task_id": self._board.create(wanted.model_dump(), **{"hidden_seconds": 0.0} | facts).task_id}

    def _assign(self, request: Request, wanted: Assignment, facts: dict[str, Any]) -> Any:
        return _told(request, self._board.assign(designer=wanted.designer_name, notes=wanted.notes, **facts))

    def _task(self, request: Request, _wanted: Nothing, facts: dict[str, Any]) -> Any:
        return _told(request, self._board.task(facts["task_id"]))

    def _complete(self, request: Request, wanted: Ending, facts: dict[str, Any]) -> Any:
        return _told(request, self._board.complete(notes=wanted.notes, **facts))

    def _cancel(self, request: Request, wanted: Ending, facts: dict[str, Any]) -> Any:
        return _told(request, self._board.cancel(notes=wanted.notes, **facts))


def _told(request: Request, task: Task) -> dict[str, Any]:
    """Return a task for callers; it has `result_url`, which Tuhui does not document, once there is a result."""
    result = {"result_url": str(request.url_for("tuhui-file", file=task.result))} if task.result else {}
    return task.facts() | result


def _noted(fault: TuhuiFault | None, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | ({"hidden_seconds": fault.seconds} if isinstance(fault, Hidden) else {})
