"""Shows errors on the page: a fragment to the page's scripts, a page to a person, JSON to the rest."""

from fastapi import Request
from starlette.responses import Response

from gateway.history_page import rendering

FOLDER = "/history/"
UNAUTHORIZED = 401
SAID = {401, 402, 403, 404, 409, 422, 429, 503}
IN_PLACE = {"record"}  # elements that show an error themselves


def is_wanted(request: Request) -> bool:
    """Whether an error is to be shown on the page."""
    accepted = request.headers.get("accept", "")
    return request.scope["path"].startswith(FOLDER) and "text/html" in accepted


def of_failure(request: Request, status: int, kind: str) -> Response:
    """Return what the page shows of an error.

    htmx swaps the answers of failed requests into their place like others: most go to the notice of the page instead.
    """
    code = "403_plan" if kind.endswith("plan-forbids") else str(status if status in SAID else 500)
    if rendering.is_fragment(request):
        answer = rendering.render(
            request, "failure.html", status, code=code, is_alone=rendering.target(request) in IN_PLACE
        )
        if rendering.target(request) not in IN_PLACE:
            answer.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
        return answer
    if status == UNAUTHORIZED:
        is_expired = bool(request.cookies)
        return rendering.render(request, "sign_in.html", status, is_refused=False, is_expired=is_expired)
    here = f"{request.url.path}?{request.url.query}" if request.method == "GET" else FOLDER
    return rendering.render(request, "failure_page.html", status, code=code, here=here)
