"""Errors as problem details."""

import json

import pytest
from fastapi import HTTPException, Request

from domain.errors import DarkroomError, LinkUnreadable, OutsideRefused, OutsideUnavailable
from gateway.errors import handle
from starter.routing import SeveralOrdersMeant

AWAY = "something that is needed is away for now; try again"
REQUEST = Request({"type": "http", "path": "/api/orders", "headers": []})


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (LinkUnreadable("none of ours"), 404, "none of ours"),
        (OutsideUnavailable("postgres://10.1.2.3 is away"), 503, AWAY),
        (HTTPException(418, "short and stout"), 418, "short and stout"),
        (OutsideRefused("wrong key AKIA..."), 503, AWAY),
        (SeveralOrdersMeant("which?"), 409, "which?"),
        (DarkroomError("inner matter"), 500, "something went wrong on our side"),
        (RuntimeError("password=1234"), 500, "something went wrong on our side"),
    ],
)
async def test_an_error_becomes_a_problem_that_tells_no_secret(error: Exception, status: int, detail: str) -> None:
    answer = await handle(REQUEST, error)
    problem = json.loads(bytes(answer.body))
    assert answer.media_type == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["detail"]) == (status, status, detail)
