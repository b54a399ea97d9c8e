"""The designers' desk: a page, and calls, to play the designers. It is not part of Tuhui's API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulators.common.pages import DESK_POLICY, STATIC, show
from simulators.tuhui.board import Board, Refused
from simulators.tuhui.files import LARGEST, Files, must_fit
from simulators.tuhui.page import designers_shown, tasks_shown
from simulators.tuhui.retouching import draw
from simulators.tuhui.tasks import Designer

BY_HAND = "desk"  # who did it, in the ledger
LONGEST_NAME = 50
FORM_OVERHEAD = 100_000  # bytes of a form besides its picture


class Change(BaseModel):
    """Changes to a designer."""

    model_config = ConfigDict(extra="forbid")

    online: bool | None = None
    mode: Literal["by_hand", "diligent", "ignores"] | None = None
    seconds: float | None = Field(None, ge=0, le=86_400)


Do = Callable[[Request], Awaitable[dict[str, Any]]]


class Desk:
    """Designers and their work. Programs get JSON; forms of the page are redirected to the page."""

    def __init__(self, board: Board, files: Files) -> None:
        self._board = board
        self._files = files

    @property
    def routes(self) -> list[Route | Mount]:
        """Return the routes: the page and the calls."""
        return [
            Route("/", self._page, name="tuhui-desk"),
            Mount("/static", StaticFiles(directory=STATIC), name="tuhui-static"),
            self._files.route,
            Route("/designers", self._list),
            Route("/designers/{name}", _answering(self._change), methods=["PUT", "POST"]),
            Route("/desk/{task_id}/accept", _answering(self._accept), methods=["POST"]),
            Route("/desk/{task_id}/finish", _answering(self._finish), methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        data = {"designers": designers_shown(self._board), **tasks_shown(request, self._board)}
        return show(request, "designers.html", data, DESK_POLICY)

    async def _list(self, _request: Request) -> Response:
        return JSONResponse([self._told(designer) for designer in self._board.designers.values()])

    async def _change(self, request: Request) -> dict[str, Any]:
        try:
            if request.method == "POST":
                async with request.form(max_files=0, max_fields=3) as form:
                    change = Change.model_validate(dict(form))
            else:
                change = Change.model_validate_json(await request.body() or b"{}")
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Refused(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        name = request.path_params["name"].strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise Refused(400, f"名字要有 1 到 {LONGEST_NAME} 个字")
        return self._told(self._board.change_designer(name, **change.model_dump(exclude_none=True)))

    async def _accept(self, request: Request) -> dict[str, Any]:
        return self._board.accept(request.path_params["task_id"], BY_HAND).facts()

    async def _finish(self, request: Request) -> dict[str, Any]:
        """Submit the uploaded picture, or else a drawn one."""
        task = self._board.must_be_open(request.path_params["task_id"])
        length = request.headers.get("content-length", "0")
        must_fit(int(length) - FORM_OVERHEAD if length.isdecimal() else LARGEST + 1)
        async with request.form(max_files=1, max_fields=4) as form:
            sent = form.get("picture")
            data = await sent.read() if isinstance(sent, UploadFile) and sent.filename else b""
            is_sent = isinstance(sent, UploadFile) and bool(sent.filename)
        if not is_sent:
            data = await asyncio.to_thread(draw, task.description, len(task.results))
        result = await self._files.keep(data)
        return self._board.finish(task.task_id, BY_HAND, is_drawn=not is_sent, **result).facts()

    def _told(self, designer: Designer) -> dict[str, Any]:
        facts = {name: getattr(designer, name) for name in ("name", "online", "mode")}
        return facts | {"open_tasks": self._board.open_tasks(designer.name)}


def _answering(do: Do) -> Callable[[Request], Awaitable[Response]]:
    """Answer with the result of a call as JSON, or redirect a browser form to the page."""

    async def answer(request: Request) -> Response:
        is_form = "text/html" in request.headers.get("accept", "")
        try:
            done = await do(request)
        except Refused as refusal:
            words = {"error": str(refusal)}
            return Response(str(refusal), refusal.status) if is_form else JSONResponse(words, refusal.status)
        return RedirectResponse(request.url_for("tuhui-desk"), 303) if is_form else JSONResponse(done)

    return answer
