"""Fetching pictures given by an address or a storage key."""

from pathlib import Path

from temporalio import activity

from domain.ports import EncodedImage, Files, Web
from domain.texts.phrase import said
from domain.vocabulary.errors import OutsideUnavailable, PictureUnreachable

TRIES = 20  # about half an hour; then people are told instead of waiting forever


async def save_file(files: Files, web: Web, url: str | None, key: str | None, path: Path) -> None:
    """Write a finished file stored under a key, else at an address, to disk. Raises the same as `fetch_picture`."""
    if key:
        try:
            return await files.save(key, path)
        except KeyError:
            raise PictureUnreachable(f"no upload lies under {key}", why=said("address.no_upload")) from None
    if not url:
        raise PictureUnreachable("neither image_url nor image_key was given", why=said("address.not_given"))
    try:
        await web.save(url, path)
    except OutsideUnavailable as error:
        error.permanent = activity.info().attempt >= TRIES
        raise


async def fetch_picture(files: Files, web: Web, url: str | None, key: str | None) -> EncodedImage:
    """Return the picture stored under a key, else at an address. Raises PictureUnreachable, OutsideUnavailable."""
    if key:
        try:
            return await files.get(key)
        except KeyError:
            raise PictureUnreachable(f"no upload lies under {key}", why=said("address.no_upload")) from None
    if not url:
        raise PictureUnreachable("neither image_url nor image_key was given", why=said("address.not_given"))
    try:
        return await web.fetch(url)
    except OutsideUnavailable as error:
        error.permanent = activity.info().attempt >= TRIES
        raise
