"""Keeps users' images: checked and cleaned in a child process, stored with a thumbnail, deleted with their record."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import structlog
from fastapi import Request

from adapters.imaging.studio import Studio
from adapters.storage.files import S3Files
from domain.task_history.users import User
from domain.vocabulary import ids
from domain.vocabulary.errors import KeyUnusable, LinkUnreadable, OutsideRefused, OutsideUnavailable, PictureUnreadable
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


def thumbnail_of(key: str) -> str:
    """Return the key of an image's thumbnail, beside it: `original.png` has `original-thumb.jpg`."""
    return f"{key.rpartition('.')[0]}-thumb.jpg"


async def store(request: Request, image: Path, stem: str) -> StoredPicture:
    """Check an image, and store its clean copy under `{stem}.{ext}`. Raises PictureUnreadable, OutsideUnavailable."""
    studio: Studio = request.state.studio
    files: S3Files = request.state.files
    with TemporaryDirectory(prefix="darkroom-history-") as scratch:
        copy, small = Path(scratch, "copy"), Path(scratch, "thumbnail")
        kept = await studio.keep_file(image, copy, small)
        key = f"{stem}.{EXTENSIONS[kept.content_type]}"
        await files.put_file(key, copy, kept.content_type)
        await files.put_file(thumbnail_of(key), small, THUMBNAIL_TYPE)
    return StoredPicture(key, kept.size + kept.thumbnail_size)


async def thumbnail(request: Request, key: str) -> str:
    """Return the key of an image's thumbnail; one that is missing, as for an order's image, is made.

    Raises LinkUnreadable if there is no such image.
    """
    files: S3Files = request.state.files
    studio: Studio = request.state.studio
    small = thumbnail_of(key)
    async with context(request).turn(small):
        try:
            await files.size(small)
        except KeyError:
            try:
                made = await studio.thumbnail(await files.get(key))
            except (KeyError, PictureUnreadable) as error:
                raise LinkUnreadable("there is no such image") from error
            await files.put(small, made.data, made.content_type)
    return small


async def delete_picture(files: S3Files, key: str) -> None:
    """Delete an image and its thumbnail, as `delete_all` does."""
    await delete_all(files, [key, thumbnail_of(key)])


async def delete_all(files: S3Files, places: Iterable[str]) -> None:
    """Delete files and folders. Best effort: what storage does not delete now, upkeep deletes as orphaned."""
    try:
        async with asyncio.timeout(DELETING_SECONDS):
            for place in places:
                if ids.is_key(place) and "." in place.rpartition("/")[2]:
                    await files.delete(place)
                else:
                    await files.delete_folder(place.rstrip("/"))
    except (OutsideUnavailable, OutsideRefused, KeyUnusable, TimeoutError) as error:
        log.warning("files of a deleted record are left to upkeep", error=repr(error))
