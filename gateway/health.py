"""Liveness and readiness of the gateway."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from gateway.errors import problem
from runtime.readiness import check, missing

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Liveness: the process is running."""
    return {"status": "ok"}


@router.get("/readyz", response_model=None, responses={503: {"description": "A dependency is unavailable"}})
async def readyz(request: Request) -> dict[str, object] | Response:
    """Readiness: check all dependencies, and name those that are unavailable."""
    checks = await check(request.state.probes)
    if lacking := missing(checks):
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"missing: {', '.join(lacking)}", checks=checks)
    return {"status": "ready", "checks": checks}
