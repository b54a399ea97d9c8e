"""Sharing a picture of the library: everybody is shown a cleaned copy under a neutral key, never the file itself."""

import os
from dataclasses import dataclass

from domain.library.photos import Photo, PhotoCatalogue
from domain.ports import Files, Imaging
from domain.vocabulary import ids
from domain.vocabulary.errors import PictureUnreachable
from starter.failures import NoSuchOrder


@dataclass(frozen=True)
class Gallery:
    """What keeping the library takes."""

    shelves: PhotoCatalogue
    files: Files
    imaging: Imaging


async def share(gallery: Gallery, photo_id: str) -> Photo:
    """Make the copy, then let everybody find the picture; again it changes nothing.

    Raises NoSuchOrder for an unknown picture, PictureUnreachable where its file is gone, PictureUnreadable.
    """
    photo = await _photo(gallery, photo_id)
    if photo.shareable:
        return photo
    await _remove_copy(gallery, photo)  # one that was hidden half way
    key = await _copy(gallery, photo)
    if not await gallery.shelves.share(photo_id, key):
        await gallery.files.delete(key)  # somebody else shared it this very moment
    return await _photo(gallery, photo_id)


async def unshare(gallery: Gallery, photo_id: str) -> Photo:
    """Hide the picture first, then remove the copy, so that links to it open nothing; again it changes nothing."""
    await gallery.shelves.hide(photo_id)
    await _remove_copy(gallery, await _photo(gallery, photo_id))
    return await _photo(gallery, photo_id)


async def _photo(gallery: Gallery, photo_id: str) -> Photo:
    photo = await gallery.shelves.photo(photo_id)
    if photo is None:
        raise NoSuchOrder(f"the library has no picture {photo_id}; darkroom photo list shows them")
    return photo


async def _copy(gallery: Gallery, photo: Photo) -> str:
    try:
        picture = await gallery.files.get(photo.view_key)
    except KeyError:
        raise PictureUnreachable(f"no file lies under {photo.view_key}") from None
    copy, key = await gallery.imaging.clean(picture), ids.shown_key(os.urandom(16))
    await gallery.files.put(key, copy.data, copy.content_type)
    return key


async def _remove_copy(gallery: Gallery, photo: Photo) -> None:
    if photo.shown_key and not photo.shareable:
        await gallery.files.delete(photo.shown_key)
        await gallery.shelves.forget_copy(photo.photo_id)
