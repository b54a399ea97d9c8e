"""Whether the gateway lives, and whether everything it needs is there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from gateway.errors import problem

PROBE_SECONDS = 3

Probe = Callable[[], Awaitable[object]]

router = APIRouter(tags=["health"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Answer while the process lives."""
    return {"status": "ok"}


@router.head("/readyz", response_model=None, include_in_schema=False)
@router.get("/readyz", response_model=None, responses={503: {"description": "Something is missing"}})
async def readyz(request: Request) -> dict[str, object] | Response:
    """Ask everything the gateway needs for a sign of life, and say what is missing."""
    checks = await check(request.state.probes)
    missing = [name for name, state in checks.items() if state != "ok"]
    if missing:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"missing: {', '.join(missing)}", checks=checks)
    return {"status": "ready", "checks": checks}


async def check(probes: Mapping[str, Probe]) -> dict[str, str]:
    """Return the state of each dependency: ok, or the kind of its error (not its text, which is not for everyone)."""
    states = await asyncio.gather(*map(_state, probes.values()))
    return dict(zip(probes, states, strict=True))


async def _state(probe: Probe) -> str:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await probe()
    except Exception as error:  # noqa: BLE001 - whatever it is, the dependency is not there
        return type(error).__name__
    return "ok"
