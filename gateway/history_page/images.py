"""The images of records: thumbnails come from the gateway, whole images by a short redirect to storage."""

from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from adapters.storage.files import S3Files
from domain.ports import EncodedImage
from domain.task_history.records import Task
from domain.vocabulary import ids
from domain.vocabulary.errors import NoSuchTask
from gateway.downloads import is_picture_wanted
from gateway.history_page.pictures import Kind, key_of
from gateway.history_page.session import Looking, Session
from gateway.task_history.context import context
from gateway.task_history.images import PRESIGNED_FOR, presigned
from gateway.task_history.pictures import thumbnail

KEPT_BY_BROWSERS = "private, max-age=31536000, immutable"  # an address changes with its image
SHOWN_BY_BROWSERS = (".jpg", ".jpeg", ".png", ".webp", ".svg")
REDIRECT_KEPT = "private, max-age=300"  # seconds; shorter than the signature

router = APIRouter(prefix="/history", include_in_schema=False)


@router.get("/images/{task_id}/{kind}")
async def image(request: Request, session: Looking, task_id: UUID, kind: Kind) -> Response:
    """Return a thumbnail, or redirect to a whole image. Raises NoSuchTask."""
    key = await _key(request, session, task_id, kind)
    if kind.is_thumb:
        found = await _thumbnail(request, key)
        return Response(found.data, headers={"Cache-Control": KEPT_BY_BROWSERS}, media_type=found.content_type)
    if is_picture_wanted(request) and not key.endswith(SHOWN_BY_BROWSERS):
        # The page shows another size of it; the same address downloads the file itself.
        key = ids.web_of(key) if kind is Kind.ORIGINAL else ids.preview_of(key)
    headers = {"Cache-Control": REDIRECT_KEPT, "Vary": "Accept"}
    return RedirectResponse(await presigned(request, key), HTTPStatus.FOUND, headers)


async def origin(request: Request) -> str:
    """Return the origin that whole images come from, for the content security policy."""
    files: S3Files = request.state.files
    parts = urlsplit(await files.presign("task-history/x", "x", PRESIGNED_FOR))
    return f"{parts.scheme}://{parts.netloc}"


async def _thumbnail(request: Request, key: str) -> EncodedImage:
    """Return the thumbnail of an image; one that is missing is made. Raises LinkUnreadable if there is no image."""
    files: S3Files = request.state.files
    with suppress(KeyError):
        return await files.get(ids.thumbnail_of(key))
    return await files.get(await thumbnail(request, key))


async def _key(request: Request, session: Session, task_id: UUID, kind: Kind) -> str:
    task: Task = await context(request).tasks.task(session.user, task_id)
    key = key_of(task, kind)
    if key is None:
        raise NoSuchTask("the record has no such image")
    return key
