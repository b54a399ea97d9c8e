"""Shows users' images by signed links, which a page can embed; makes thumbnails that are missing."""

from datetime import timedelta
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from adapters.storage.files import S3Files
from domain.vocabulary.errors import LinkUnreadable
from gateway.access_log import address_of
from gateway.errors import problems
from gateway.head import is_head
from gateway.rate_limits import RateLimits
from gateway.task_history.context import context
from gateway.task_history.pictures import thumbnail

S = HTTPStatus
PRESIGNED_FOR = timedelta(hours=1)
CACHED_FOR = 1800  # seconds, less than the presigned link is valid

router = APIRouter(prefix="/api/task-history", tags=["task history"])


@router.get(
    "/images/{token}",
    response_class=RedirectResponse,
    status_code=S.TEMPORARY_REDIRECT,
    responses=problems(S.NOT_FOUND, S.TOO_MANY_REQUESTS, S.SERVICE_UNAVAILABLE, NOT_FOUND="Invalid or expired link"),
)
async def show_image(request: Request, token: str) -> RedirectResponse:
    """Redirect to an image in storage. The links in a record need no sign-in, and expire within a day."""
    limits: RateLimits = request.state.limits
    try:
        key, is_small = context(request).links.read(token)
    except LinkUnreadable:
        await limits.count_address(address_of(request.scope))  # limits guessing
        raise
    leads_to = await presigned(request, await thumbnail(request, key) if is_small else key)
    return RedirectResponse(leads_to, headers={"Cache-Control": f"private, max-age={CACHED_FOR}"})


async def presigned(request: Request, key: str) -> str:
    """Return a presigned link to an image, saved under the name of its record."""
    files: S3Files = request.state.files
    method: Literal["GET", "HEAD"] = "HEAD" if is_head(request) else "GET"
    return await files.presign(key, "-".join(key.split("/")[-2:]), PRESIGNED_FOR, method)
