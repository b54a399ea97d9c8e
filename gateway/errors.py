"""Every error as problem details (RFC 9457), by one handler."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.errors import DarkroomError, LinkUnreadable, OutsideUnavailable

STATUSES: dict[type[DarkroomError], HTTPStatus] = {
    LinkUnreadable: HTTPStatus.NOT_FOUND,
    OutsideUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None, **members: Any) -> JSONResponse:
    """Return an answer of type application/problem+json; `members` are the problem's own."""
    content = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail, **members}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let the one handler answer for everything that goes wrong in the app."""
    for error in (DarkroomError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, handle)


async def handle(_: Request, error: Exception) -> JSONResponse:
    """Answer with what the error is; of an unexpected one nothing is told but that it happened."""
    match error:
        case HTTPException():
            return problem(HTTPStatus(error.status_code), error.detail, dict(error.headers or {}))
        case RequestValidationError():
            errors = [{"field": ".".join(map(str, fault["loc"])), "fault": fault["msg"]} for fault in error.errors()]
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request does not fit", errors=errors)
        case DarkroomError() if type(error) in STATUSES:
            return problem(STATUSES[type(error)], str(error))
        case _:
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong on our side")
