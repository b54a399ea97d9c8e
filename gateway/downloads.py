"""Download links: a page with a button for finished files, a redirect for others; URLs are signed per click."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Literal

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.background import BackgroundTask
from starlette.responses import Response

from adapters.storage.files import S3Files
from adapters.storage.links import DownloadLinks
from domain.order.messages import LinkOpened
from domain.vocabulary import ids
from domain.vocabulary.errors import LinkUnreadable
from gateway import link_pages
from gateway.auth import anybody
from gateway.head import is_head
from gateway.temporal import Temporal
from starter import orders
from starter.failures import NoSuchOrder

S = HTTPStatus
PRESIGNED_FOR = timedelta(minutes=10)
TELLING_SECONDS = 3
LOOK_SECONDS = 3

log = structlog.get_logger("gateway")

router = APIRouter(tags=["downloads"], dependencies=[Depends(anybody)])


@router.get(
    "/d/{token}/{filename}",
    response_class=HTMLResponse,
    responses={
        307: {"description": "Redirect to the file in storage, unless it is a finished file"},
        404: {"description": "The link is invalid, or its file no longer exists"},
    },
)
async def look(request: Request, token: str, filename: str) -> Response:  # noqa: ARG001 - for people to read
    """Show the page of a finished file, whose button POSTs to the same URL; redirect to any other file.

    The token alone determines the file and its download name. The order is not informed: chat programs open links
    automatically to show previews.
    """
    links: DownloadLinks = request.state.links
    files: S3Files = request.state.files
    key, saved_as = links.read(token)
    if ids.order_of_file(key) is None:
        return await _to_storage(request, key, saved_as)
    preview = ids.preview_of(key)
    if is_picture_wanted(request):
        return await _to_storage(request, preview, preview.rpartition("/")[2])
    shown = await files.presign(preview, preview.rpartition("/")[2], PRESIGNED_FOR)
    leads_to = await files.presign(key, saved_as, PRESIGNED_FOR)
    return link_pages.of_file(request, saved_as, await _size(files, key), shown, leads_to)


@router.post(
    "/d/{token}/{filename}",
    response_class=RedirectResponse,
    status_code=S.SEE_OTHER,
    responses={404: {"description": "The link is invalid, or its file no longer exists"}},
)
async def download(request: Request, token: str, filename: str) -> RedirectResponse:  # noqa: ARG001 - for people to read
    """Redirect to the file; afterwards inform the order that a finished file was downloaded."""
    links: DownloadLinks = request.state.links
    files: S3Files = request.state.files
    key, saved_as = links.read(token)
    await _size(files, key)
    order_id = ids.order_of_file(key)
    telling = BackgroundTask(_tell, request.state.temporal, order_id, key) if order_id else None
    return RedirectResponse(await files.presign(key, saved_as, PRESIGNED_FOR), S.SEE_OTHER, background=telling)


def is_picture_wanted(request: Request) -> bool:
    """Whether the link is embedded in a page as an image; then the preview is enough."""
    accepted = request.headers.get("accept", "")
    return accepted.startswith("image/") and "text/html" not in accepted


async def _to_storage(request: Request, key: str, saved_as: str) -> RedirectResponse:
    files: S3Files = request.state.files
    method: Literal["GET", "HEAD"] = "HEAD" if is_head(request) else "GET"  # a presigned URL is valid for one method
    return RedirectResponse(await files.presign(key, saved_as, PRESIGNED_FOR, method))


async def _size(files: S3Files, key: str) -> int | None:
    """Return the size of a file in bytes; None if storage is slow. Raises LinkUnreadable if it does not exist."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await files.size(key)
    except KeyError as error:
        raise LinkUnreadable("the file no longer exists") from error
    except TimeoutError:
        return None


async def _tell(temporal: Temporal, order_id: str, key: str) -> None:
    """Inform an order that its file was downloaded. Best effort: downloads neither wait for this nor fail with it."""
    try:
        async with asyncio.timeout(TELLING_SECONDS):
            event = LinkOpened(event_id=ids.bounded(f"opened-{key}"), key=key)
            await orders.send(await temporal.client(), order_id, "link_opened", event)
    except NoSuchOrder:
        log.info("a file of a closed order was downloaded", order_id=order_id)
    except Exception as error:  # noqa: BLE001 - in any case the customer has the file
        log.warning("could not inform the order of a download", order_id=order_id, error=repr(error))
