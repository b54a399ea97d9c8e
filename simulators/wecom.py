"""WeCom's group robot: accepts Markdown for the staff chat, rate-limited, with faults on demand."""

import re
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.common.ledger import Entry, Ledger
from simulators.common.pages import shop_time, show

LONGEST_BYTES = 4096
MINUTE = timedelta(minutes=1)
OK, BAD_KEY, TOO_MANY, BAD_TYPE, TOO_LONG, NO_WORDS, NO_JSON = 0, 93000, 45009, 40008, 40058, 44004, 47001
WORDS = {
    OK: "ok",
    -1: "system busy",
    BAD_KEY: "invalid webhook url",
    TOO_MANY: "api freq out of limit",
    45033: "api concurrent out of limit",
    BAD_TYPE: "invalid message type",
    TOO_LONG: f"markdown.content exceed max length {LONGEST_BYTES}. invalid Request Parameter",
    NO_WORDS: "empty content",
    NO_JSON: "data format error",
}
RICH = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*|\[(?P<label>[^\]\n]+)\]\((?P<url>https?://[^)\s]+)\)")


class Markdown(BaseModel):
    """The text of a message."""

    content: str = ""


class Message(BaseModel):
    """A message to the group. Of the message types of the real robot only Markdown is supported."""

    msgtype: str = ""
    markdown: Markdown = Markdown()


class Faults(BaseModel):
    """The response to the next calls: an errcode or, without one, an HTTP status."""

    model_config = ConfigDict(extra="forbid")

    times: int = Field(1, ge=1)
    errcode: int | None = None
    status: int = Field(500, ge=400, le=599)


class WeCom:
    """One robot and its group. Sent and refused messages are only in the ledger."""

    def __init__(self, ledger: Ledger, key: str, per_minute: int) -> None:
        self._ledger = ledger
        self._key = key
        self._per_minute = per_minute
        self._faults: deque[Faults] = deque()

    @property
    def routes(self) -> list[Route]:
        """Return the routes: the robot, its faults, the group's page, and the ledger."""
        return [
            Route("/send", self._send, methods=["POST"]),
            Route("/faults", self._take_faults, methods=["POST"]),
            Route("/", self._show_group),
            self._ledger.route,
        ]

    async def _send(self, request: Request) -> Response:
        if request.query_params.get("key") != self._key:
            return self._answer(BAD_KEY)
        try:
            message = Message.model_validate_json(await request.body())
        except ValidationError:
            message = None
        content = message.markdown.content if message else ""
        if self._faults:
            fault = self._faults.popleft()
            return self._answer(fault.errcode, content, fault.status)
        return self._answer(TOO_MANY if self._is_full() else _judge(message), content)

    def _is_full(self) -> bool:
        """Whether the rate limit of the last minute is reached; failed calls count, too."""
        since = (datetime.now(UTC) - MINUTE).isoformat()
        calls = [entry for entry in self._ledger.read() if entry["errcode"] != BAD_KEY and entry["at"] > since]
        return len(calls) >= self._per_minute

    def _answer(self, errcode: int | None, content: str = "", status: int = 200) -> Response:
        """Record a call, then answer it."""
        if errcode is None:
            self._ledger.add(kind="markdown", content=content, errcode=None, status=status)
            return Response("<html><body>Bad gateway</body></html>", status, media_type="text/html")
        self._ledger.add(kind="markdown", content=content, errcode=errcode, status=200)
        said = WORDS.get(errcode, "failed")
        more = f", more info at https://open.work.weixin.qq.com/devtool/query?e={errcode}" if errcode else ""
        return JSONResponse({"errcode": errcode, "errmsg": said + more})

    async def _take_faults(self, request: Request) -> Response:
        try:
            faults = Faults.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": error.errors(include_url=False, include_context=False)}, 400)
        self._faults.extend([faults] * faults.times)
        return JSONResponse({"faults": len(self._faults)})

    async def _show_group(self, request: Request) -> Response:
        messages = [_shown(entry) for entry in self._ledger.read(errcode=str(OK))]
        return show(request, "group.html", {"messages": messages})


def _judge(message: Message | None) -> int:
    if message is None:
        return NO_JSON
    if message.msgtype != "markdown":
        return BAD_TYPE
    if not message.markdown.content:
        return NO_WORDS
    return TOO_LONG if len(message.markdown.content.encode()) > LONGEST_BYTES else OK


def _shown(entry: Entry) -> dict[str, Any]:
    """Return a message for the page, split into plain text, bold text and links."""
    return entry | {"time": shop_time(entry["at"]), "pieces": _pieces(entry["content"])}


def _pieces(markdown: str) -> list[dict[str, str]]:
    pieces, end = [], 0
    for match in RICH.finditer(markdown):
        pieces += [{"text": markdown[end : match.start()]}, {k: v for k, v in match.groupdict().items() if v}]
        end = match.end()
    return [*pieces, {"text": markdown[end:]}]
