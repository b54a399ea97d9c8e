"""Whether the gateway lives, and whether everything it needs is there."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from gateway.errors import problem
from runtime.readiness import check, missing

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Answer while the process lives."""
    return {"status": "ok"}


@router.get("/readyz", response_model=None, responses={503: {"description": "Something is missing"}})
async def readyz(request: Request) -> dict[str, object] | Response:
    """Ask everything the gateway needs for a sign of life, and say what is missing."""
    checks = await check(request.state.probes)
    if lacking := missing(checks):
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"missing: {', '.join(lacking)}", checks=checks)
    return {"status": "ready", "checks": checks}
