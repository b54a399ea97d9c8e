"""Where pictures may come from that callers name: public addresses, and uploads of the gateway."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from domain.addresses import checked_address

ADDRESSES = {"image_url", "result_url"}
KEYS = {"image_key", "result_key"}
FOLDER = "uploads"
# Nobody guesses one: whoever names a key has been given it by an upload.
_UPLOAD = re.compile(rf"{FOLDER}/([0-9a-f-]{{36}})\.[a-z]{{3,4}}")

Place = tuple[str | int, ...]


def new_key(extension: str) -> str:
    """Return the key of a fresh upload."""
    return f"{FOLDER}/{uuid4()}.{extension}"


def check(body: BaseModel, *place: str | int) -> None:
    """Refuse addresses and keys that no picture can be had from. Raises RequestValidationError, naming the field."""
    if faults := list(_faults(body.model_dump(), place or ("body",))):
        raise RequestValidationError(faults)


def _faults(value: Any, place: Place) -> Iterator[dict[str, Any]]:
    match value:
        case dict():
            for name, item in value.items():
                if name in ADDRESSES | KEYS and isinstance(item, str):
                    yield from _fault(name, item, (*place, name))
                else:
                    yield from _faults(item, (*place, name))
        case list():
            for index, item in enumerate(value):
                yield from _faults(item, (*place, index))


def _fault(name: str, value: str, place: Place) -> Iterator[dict[str, Any]]:
    try:
        if name in ADDRESSES:
            checked_address(value)
        else:
            _checked_key(value)
    except ValueError as error:
        yield {"loc": place, "msg": str(error), "type": "value_error"}


def _checked_key(key: str) -> None:
    match = _UPLOAD.fullmatch(key)
    if not match or str(UUID(match.group(1))) != match.group(1):
        raise ValueError("is no key of an upload; POST the picture to /api/uploads first, which answers with its key")
