"""JSON that every later step can take: broken characters are replaced, and what is nested too deep is refused."""

import json
import re
from typing import Any, NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.bounds.limits import REPLACEMENT
from domain.vocabulary.errors import MalformedRequest
from gateway.errors import handle

MAX_DEPTH = 32  # levels of lists and objects; the deepest message of ours has five
_HALF = re.compile(r"[\ud800-\udfff]")  # half a surrogate pair: no UTF-8 text can hold it, nor any table of ours


def decoded(body: bytes) -> Any:
    """Return what a JSON text says, with U+FFFD for each half character. Raises MalformedRequest."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise MalformedRequest("the body is not valid UTF-8") from error
    except ValueError as error:  # also a number of more digits than Python reads
        raise MalformedRequest(f"the body is not valid JSON: {error}") from error
    return _cleaned(value, MAX_DEPTH)


def without_surrogates(text: str) -> str:
    """Return a text with U+FFFD for each half of a surrogate pair."""
    return _HALF.sub(REPLACEMENT, text)


def _cleaned(value: Any, levels: int) -> Any:
    match value:
        case str():
            return without_surrogates(value)
        case dict() | list() if levels == 0:
            raise _too_deep()
        case dict():
            return {without_surrogates(name): _cleaned(item, levels - 1) for name, item in value.items()}
        case list():
            return [_cleaned(item, levels - 1) for item in value]
    return value


def _too_deep() -> MalformedRequest:
    return MalformedRequest(f"the body is nested too deeply: at most {MAX_DEPTH} levels of lists and objects")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


class JsonBodies:
    """ASGI middleware: each JSON body is read here, once, so that no route meets one that it cannot take.

    `raw` names paths whose bytes are signed, and which call `decoded` themselves.
    """

    def __init__(self, app: ASGIApp, raw: frozenset[str]) -> None:
        self._app = app
        self._raw = raw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with a body that can be taken."""
        if scope["type"] != "http" or scope["path"] in self._raw:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if "json" not in request.headers.get("content-type", "").lower():
            await self._app(scope, receive, send)
            return
        try:
            body = await request.body()
            body = json.dumps(decoded(body)).encode() if body else b""
        except ClientDisconnect:
            return
        except (HTTPException, MalformedRequest) as error:
            answer = await handle(request, error)
            await answer(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives this body first; what comes behind it is the news that the client has gone."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
