"""Shows errors of the board as a page: who is not signed in is led to the sign-in, and back."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from gateway.staff_board import rendering

FOLDER = "/staff/"
SAID = {403, 404, 409, 422, 429, 503}


def is_wanted(request: Request) -> bool:
    """Whether an error is to be shown as a page."""
    return request.scope["path"].startswith(FOLDER) and "text/html" in request.headers.get("accept", "")


def of_failure(request: Request, status: int) -> Response:
    """Return the page of an error."""
    here = f"{request.url.path}?{request.url.query}".rstrip("?") if request.method == "GET" else FOLDER
    if status == HTTPStatus.UNAUTHORIZED:
        return RedirectResponse(f"{FOLDER}session?next={quote(here)}", HTTPStatus.SEE_OTHER)
    return rendering.render(request, "failure.html", status, code=str(status if status in SAID else 500), again=here)
