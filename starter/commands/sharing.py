"""Shares pictures of the library: others see a copy without metadata under a neutral key, never the original."""

import os
from dataclasses import dataclass

from domain.library.photos import Photo, PhotoCatalogue
from domain.ports import Files, Imaging
from domain.vocabulary import ids
from domain.vocabulary.errors import PictureUnreachable
from starter.failures import NoSuchOrder


@dataclass(frozen=True)
class LibraryTools:
    """What the commands on the photo library need."""

    records: PhotoCatalogue
    files: Files
    imaging: Imaging


async def share(library: LibraryTools, photo_id: str) -> Photo:
    """Make the copy, then mark the picture as shared. Idempotent.

    Raises NoSuchOrder for an unknown picture, PictureUnreachable if its file is missing, PictureUnreadable.
    """
    photo = await _photo(library, photo_id)
    if photo.shareable:
        return photo
    await _remove_copy(library, photo)  # left by an unshare that was interrupted
    key = await _copy(library, photo)
    if not await library.records.share(photo_id, key):
        await library.files.delete(key)  # somebody else shared it at the same time
    return await _photo(library, photo_id)


async def unshare(library: LibraryTools, photo_id: str) -> Photo:
    """Hide the picture, then delete the copy, so that links to it stop working. Idempotent."""
    await library.records.hide(photo_id)
    await _remove_copy(library, await _photo(library, photo_id))
    return await _photo(library, photo_id)


async def _photo(library: LibraryTools, photo_id: str) -> Photo:
    photo = await library.records.photo(photo_id)
    if photo is None:
        raise NoSuchOrder(f"no picture {photo_id} in the library; see `darkroom photo list`")
    return photo


async def _copy(library: LibraryTools, photo: Photo) -> str:
    try:
        picture = await library.files.get(photo.view_key)
    except KeyError:
        raise PictureUnreachable(f"no file in storage under {photo.view_key}") from None
    copy, key = await library.imaging.clean(picture), ids.shown_key(os.urandom(16))
    await library.files.put(key, copy.data, copy.content_type)
    return key


async def _remove_copy(library: LibraryTools, photo: Photo) -> None:
    if photo.shown_key and not photo.shareable:
        await library.files.delete(photo.shown_key)
        await library.records.forget_copy(photo.photo_id)
