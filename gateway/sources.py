"""Checks ids, URLs and upload keys in requests."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from adapters.storage.files import S3Files
from domain.bounds.limits import readable_id
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from domain.vocabulary.picture_addresses import checked_address

ADDRESSES = {"image_url", "result_url"}
KEYS = {"image_key", "result_key"}
FOLDER = "uploads"
EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "image/avif": "avif",
    "image/tiff": "tiff", "image/bmp": "bmp", "image/gif": "gif",
}  # fmt: skip
LOOK_SECONDS = 3
MAX_CONCURRENT = 8  # requests to storage
# Keys cannot be guessed: a caller knows only keys of its own uploads.
_UPLOAD = re.compile(rf"{FOLDER}/([0-9a-f-]{{36}})\.({'|'.join(EXTENSIONS.values())})")
NOT_AN_UPLOAD_KEY = "not an upload key; POST the picture to /api/uploads first, which returns its key"
UPLOAD_GONE = "upload not found: it does not exist or has expired; POST the picture to /api/uploads again"

Place = tuple[str | int, ...]
Named = tuple[str, str, Place]  # field, value, and location


def new_key(content_type: str) -> str:
    """Return a random key for an upload."""
    return f"{FOLDER}/{uuid4()}.{EXTENSIONS[content_type]}"


async def check(request: Request, body: BaseModel, *place: str | int) -> None:
    """Check the ids, URLs and upload keys of a body.

    Raises RequestValidationError, naming the fields.
    """
    named = list(_named(body.model_dump(), place or ("body",)))
    faults = [fault for name, value, where in named for fault in _faults(name, value, where)]
    if not faults:
        faults = await _missing([(key, where) for name, key, where in named if name in KEYS], request.state.files)
    if faults:
        raise RequestValidationError(faults)


def _named(value: Any, place: Place) -> Iterator[Named]:
    match value:
        case dict():
            for name, item in value.items():
                if isinstance(item, str) and (name in ADDRESSES | KEYS or name.endswith("_id")):
                    yield name, item, (*place, name)
                else:
                    yield from _named(item, (*place, name))
        case list():
            for index, item in enumerate(value):
                yield from _named(item, (*place, index))


def _faults(name: str, value: str, place: Place) -> Iterator[dict[str, Any]]:
    try:
        if name in ADDRESSES:
            checked_address(value)
        elif name in KEYS:
            _checked_key(value)
        else:
            readable_id(value)
    except ValueError as error:
        yield _fault(place, str(error))


def _checked_key(key: str) -> None:
    match = _UPLOAD.fullmatch(key)
    if not match or str(UUID(match.group(1))) != match.group(1):
        raise ValueError(NOT_AN_UPLOAD_KEY)


async def _missing(keys: list[tuple[str, Place]], files: S3Files) -> list[dict[str, Any]]:
    turn = asyncio.Semaphore(MAX_CONCURRENT)

    async def is_there(key: str) -> bool:
        async with turn:
            return await _is_there(key, files)

    found = await asyncio.gather(*(is_there(key) for key, _ in keys))
    return [_fault(place, UPLOAD_GONE) for (_, place), is_found in zip(keys, found, strict=True) if not is_found]


async def _is_there(key: str, files: S3Files) -> bool:
    """Whether storage has an upload; assumed if storage does not answer, as the order checks it again."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await files.size(key)
    except KeyError:
        return False
    except (TimeoutError, OutsideUnavailable, OutsideRefused):
        return True
    return True


def _fault(place: Place, message: str) -> dict[str, Any]:
    return {"loc": place, "msg": message, "type": "value_error"}
