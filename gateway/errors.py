"""Turns every error into problem details (RFC 9457)."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.texts.catalogue import TEXTS
from domain.texts.phrase import Said
from domain.vocabulary.errors import (
    DarkroomError,
    IdempotencyKeyReused,
    KeyRefused,
    LinkUnreadable,
    MalformedRequest,
    NoSuchTask,
    NotAllowed,
    OrderMovedOn,
    OutsideRefused,
    OutsideUnavailable,
    PictureUnreadable,
    PlanForbids,
    QuotaSpent,
    SettingsMovedOn,
    SignatureRefused,
    TaskFinished,
    TokenRefused,
    TooManyRequests,
    UndoExpired,
)
from domain.vocabulary.validation import InvalidValue
from gateway import link_pages
from gateway.history_page import failures
from gateway.staff_board import failures as board_failures
from starter.failures import NoSuchOrder
from starter.routing import NoOrderMeant, SeveralOrdersMeant

S = HTTPStatus
STATUSES: dict[type[Exception], HTTPStatus] = {
    KeyRefused: S.UNAUTHORIZED,
    TokenRefused: S.UNAUTHORIZED,
    SignatureRefused: S.UNAUTHORIZED,
    NotAllowed: S.FORBIDDEN,
    QuotaSpent: S.PAYMENT_REQUIRED,
    PlanForbids: S.FORBIDDEN,
    NoSuchTask: S.NOT_FOUND,
    TaskFinished: S.CONFLICT,
    UndoExpired: S.CONFLICT,
    LinkUnreadable: S.NOT_FOUND,
    NoSuchOrder: S.NOT_FOUND,
    NoOrderMeant: S.NOT_FOUND,
    SeveralOrdersMeant: S.CONFLICT,
    OrderMovedOn: S.CONFLICT,
    SettingsMovedOn: S.CONFLICT,
    IdempotencyKeyReused: S.CONFLICT,
    MalformedRequest: S.UNPROCESSABLE_ENTITY,
    PictureUnreadable: S.UNPROCESSABLE_ENTITY,
    TooManyRequests: S.TOO_MANY_REQUESTS,
    OutsideUnavailable: S.SERVICE_UNAVAILABLE,
    OutsideRefused: S.SERVICE_UNAVAILABLE,
    ConnectionError: S.SERVICE_UNAVAILABLE,  # Temporal is unavailable
    TimeoutError: S.SERVICE_UNAVAILABLE,  # no answer from a worker or Temporal
}
USER_ERRORS = TokenRefused | QuotaSpent | PlanForbids | NoSuchTask | TaskFinished | UndoExpired
OF_ANY_BODY = (S.BAD_REQUEST, S.REQUEST_TIMEOUT, S.REQUEST_ENTITY_TOO_LARGE, S.TOO_MANY_REQUESTS, S.SERVICE_UNAVAILABLE)
OF_ANY_CALLER = (*OF_ANY_BODY, S.UNAUTHORIZED, S.FORBIDDEN, S.UNPROCESSABLE_ENTITY)
RETRY_AFTER_SECONDS = 5  # if a dependency is unavailable for an unknown time
OF_USERS = ("/api/task-history/", "/history/")  # paths of signed-in users
MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger("gateway")


class Fault(BaseModel):
    """An invalid field."""

    field: str = Field(description="Path of the field, from body, query, path or header.")
    fault: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Problem details as in RFC 9457."""

    type: str = Field(examples=["urn:darkroom:no-order-meant"], description="Kind of problem, for programs.")
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["no order of customer wang waits for payment_received"])
    words: str | None = Field(
        default=None,
        description="Text for the customer, in the shop's language (for a signed-in user, in theirs), if they can "
        "do something about the error.",
    )
    errors: list[Fault] | None = Field(default=None, description="Invalid fields of the request.")


def problem(
    status: HTTPStatus, detail: str, headers: dict[str, str] | None = None, kind: str = "about:blank", **members: Any
) -> JSONResponse:
    """Return a response of type application/problem+json; `members` are additional fields."""
    content = {"type": kind, "title": status.phrase, "status": status, "detail": detail, **members}
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def problems(*statuses: HTTPStatus, **details: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI declaration of a route's problem responses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        int(status): {"description": details.get(status.name, status.phrase), "content": content} for status in statuses
    }


def describe_invalid_requests(paths: dict[str, Any]) -> None:
    """Declare the 422 that FastAPI adds to a route as what it is: problem details."""
    invalid = str(int(S.UNPROCESSABLE_ENTITY))
    for responses in (operation["responses"] for path in paths.values() for operation in path.values()):
        if "application/json" in responses.get(invalid, {}).get("content", {}):
            responses[invalid] = problems(S.UNPROCESSABLE_ENTITY)[int(invalid)]


def install(app: FastAPI) -> None:
    """Install the handler for all errors of the app."""
    for error in (*STATUSES, DarkroomError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, handle)


async def handle(request: Request, error: Exception) -> Response:
    """Answer with problem details, or with an HTML page if a person opened a link."""
    answer = _problem_of(request, error)
    if failures.is_wanted(request):
        page = failures.of_failure(request, answer.status_code, _kind(error))
    elif board_failures.is_wanted(request):
        page = board_failures.of_failure(request, answer.status_code)
    elif link_pages.is_wanted(request):
        page = link_pages.of_failure(request, answer.status_code)
    else:
        return answer
    if "retry-after" in answer.headers:
        page.headers["retry-after"] = answer.headers["retry-after"]
    return page


def _problem_of(request: Request, error: Exception) -> JSONResponse:
    """Return the problem details of an error; an unexpected error is not described."""
    match error:
        case HTTPException():
            return problem(HTTPStatus(error.status_code), error.detail, dict(error.headers or {}))
        case RequestValidationError():
            faults = [fault.model_dump() for fault in _faults(error.errors())]
            detail = "; ".join(f"{fault['field']}: {fault['fault']}" for fault in faults[:3])
            words = _words(request, *_told(error.errors()))
            return problem(S.UNPROCESSABLE_ENTITY, f"invalid request: {detail}", errors=faults, **words)
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        return problem(S.INTERNAL_SERVER_ERROR, "internal error")
    if status is S.SERVICE_UNAVAILABLE:
        log.warning("a dependency is unavailable", error=str(error))
    words = _words(request, error.told) if isinstance(error, PictureUnreadable | USER_ERRORS) else {}
    return problem(status, _detail(error, status), _headers(error, status), _kind(error), **words)


def _words(request: Request, *told: Said) -> dict[str, Any]:
    """Return the text for the customer, if their input caused the error; for a signed-in user in their language."""
    is_for_user = request.scope["path"].startswith(OF_USERS)
    say = TEXTS[link_pages.language_of(request)].say if is_for_user else request.state.phrases.said
    return {"words": " ".join(map(say, told))} if told else {}


def _told(errors: Sequence[Any]) -> Iterator[Said]:
    for error in errors:
        if isinstance(unfit := error.get("ctx", {}).get("error"), InvalidValue):
            yield unfit.told


def _faults(errors: Sequence[Any]) -> Iterator[Fault]:
    for error in errors:
        yield Fault(field=".".join(map(str, error["loc"])), fault=error["msg"].removeprefix("Value error, "))


def _detail(error: Exception, status: HTTPStatus) -> str:
    """Return the detail for the caller; if a dependency is unavailable, without the text of its library."""
    if isinstance(error, OutsideUnavailable | OutsideRefused):
        return "a dependency is temporarily unavailable; retry later"
    return str(error) or status.phrase


def _headers(error: Exception, status: HTTPStatus) -> dict[str, str]:
    if isinstance(error, KeyRefused | TokenRefused):
        return {"WWW-Authenticate": "Bearer"}
    if status in {S.TOO_MANY_REQUESTS, S.SERVICE_UNAVAILABLE}:
        wait = getattr(error, "retry_after", None)
        return {"Retry-After": str(ceil(wait.total_seconds()) if wait else RETRY_AFTER_SECONDS)}
    return {}


def _kind(error: Exception) -> str:
    """Return the URN of an error class: NoOrderMeant is urn:darkroom:no-order-meant."""
    name = type(error).__name__
    return "urn:darkroom:" + "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).strip("-")
