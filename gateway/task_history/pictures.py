"""Keeps users' images: checked and cleaned in a child process, stored with a thumbnail, deleted with their record."""

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import structlog
from fastapi import Request

from adapters.imaging.studio import Studio
from adapters.storage.files import S3Files
from domain.ports import EncodedImage
from domain.task_history.users import User
from domain.vocabulary import ids
from domain.vocabulary.errors import LinkUnreadable, OutsideRefused, OutsideUnavailable, PictureUnreadable
from domain.vocabulary.provenance import Provenance
from gateway.task_history.context import context

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
THUMBNAIL_TYPE = "image/jpeg"
DELETING_SECONDS = 10

log = structlog.get_logger("gateway")


@dataclass(frozen=True)
class StoredPicture:
    """An image in storage; `size` includes its thumbnail, in bytes."""

    key: str
    size: int


def folder(user: User, task_id: UUID) -> str:
    """Return the folder of a record's files."""
    return ids.folder(str(user.user_id), str(task_id))


async def store(request: Request, image: Path, stem: str, made_by: Provenance | None = None) -> StoredPicture:
    """Check an image, and store its clean copy under `{stem}.{ext}`. Raises PictureUnreadable, OutsideUnavailable.

    A result is labelled as made by a model, `made_by`, unless its own label says more.
    """
    studio: Studio = request.state.studio
    files: S3Files = request.state.files
    with TemporaryDirectory(prefix="darkroom-history-") as scratch:
        copy, small = Path(scratch, "copy"), Path(scratch, "thumbnail")
        kept = await studio.keep_file(image, copy, small, made_by)
        key = f"{stem}.{EXTENSIONS[kept.content_type]}"
        await files.put_file(key, copy, kept.content_type)
        await files.put_file(ids.thumbnail_of(key), small, THUMBNAIL_TYPE)
    return StoredPicture(key, kept.size + kept.thumbnail_size)


async def thumbnail(request: Request, key: str) -> str:
    """Return the key of an image's thumbnail; one that is missing, as for an order's image, is made.

    Raises LinkUnreadable if there is no such image.
    """
    files: S3Files = request.state.files
    small = ids.thumbnail_of(key)
    async with context(request).turn(small):
        try:
            await files.size(small)
        except KeyError:
            made = await _made_small(request, key)
            await files.put(small, made.data, made.content_type)
    return small


async def _made_small(request: Request, key: str) -> EncodedImage:
    """Make a thumbnail of an image or, if it is in another format, as a PSD, of its preview. Raises LinkUnreadable."""
    files: S3Files = request.state.files
    studio: Studio = request.state.studio
    for source in (key, ids.preview_of(key)):
        with suppress(KeyError, PictureUnreadable):
            return await studio.thumbnail(await files.get(source))
    raise LinkUnreadable("there is no such image")


async def delete_picture(files: S3Files, key: str) -> None:
    """Delete an image and its thumbnail. Best effort, as below."""
    await _in_time(files.delete_all([key, ids.thumbnail_of(key)]))


async def delete_folders(files: S3Files, folders: Iterable[str]) -> None:
    """Delete folders. Best effort: what storage does not delete now, upkeep deletes as orphaned."""
    for one in folders:
        await _in_time(files.delete_folder(one.rstrip("/")))


async def _in_time(deleting: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(DELETING_SECONDS):
            await deleting
    except (OutsideUnavailable, OutsideRefused, TimeoutError) as error:
        log.warning("files of a deleted record are left to upkeep", error=repr(error))
