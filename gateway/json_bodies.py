"""Parses JSON bodies safely: replaces broken characters, rejects deep nesting."""

import json
import re
from collections.abc import Collection
from typing import Any, NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.bounds.limits import REPLACEMENT
from domain.vocabulary.errors import MalformedRequest
from gateway.errors import handle

MAX_DEPTH = 32  # levels of lists and objects; our messages use at most five
_HALF = re.compile(r"[\ud800-\udfff]")  # an unpaired surrogate: neither UTF-8 nor Postgres can store it


def decoded(body: bytes) -> Any:
    """Return the parsed JSON, with unpaired surrogates replaced by U+FFFD. Raises MalformedRequest."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise MalformedRequest("the body is not valid UTF-8") from error
    except ValueError as error:  # also for numbers with too many digits
        raise MalformedRequest(f"the body is not valid JSON: {error}") from error
    return _cleaned(value, MAX_DEPTH)


def without_surrogates(text: str) -> str:
    """Return the text with unpaired surrogates replaced by U+FFFD."""
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
    return MalformedRequest(f"the body is nested too deeply (at most {MAX_DEPTH} levels of lists and objects)")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


class JsonBodies:
    """ASGI middleware that parses and cleans every JSON body before a route sees it.

    Paths that match a pattern in `raw` are left alone: their bytes are signed, or too many to be held in memory. They
    call `decoded` themselves.
    """

    def __init__(self, app: ASGIApp, raw: Collection[str]) -> None:
        self._app = app
        self._raw = re.compile("|".join(raw))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request with a clean body."""
        if scope["type"] != "http" or self._raw.fullmatch(scope["path"]):
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
    """Return a `receive` that yields this body first, and then the original messages, i.e. a disconnect."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
