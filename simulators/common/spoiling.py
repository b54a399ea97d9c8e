"""Spoils a result, as models sometimes do: cropped, unchanged, distorted or blurred."""

import io
from typing import Literal

from PIL import Image, ImageFilter, ImageOps

from simulators.common.painting import as_jpeg, open_picture

Way = Literal["truncated", "same", "wrong_size", "blurred"]
WRONG_SIZE = (256, 512)
SENTENCES: dict[str, str] = {
    "truncated": "The picture's file ends in the middle. Billed.",
    "same": "The picture that was sent comes back as it was. Billed.",
    "wrong_size": "The picture is small and of another shape than was asked for. Billed.",
    "blurred": "The picture is much worse than the one that was sent. Billed.",
}


def spoil(way: Way, original: bytes, result: bytes) -> bytes:
    """Return the result, or its spoiled replacement."""
    if way == "truncated":
        return result[: len(result) // 2]
    if way == "same":
        return original
    picture = open_picture(result)
    if way == "wrong_size":
        return as_jpeg(ImageOps.fit(picture, WRONG_SIZE))
    return as_jpeg(picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 64)))


def content_type(data: bytes) -> str:
    """Return what kind of file a picture is."""
    return Image.MIME[Image.open(io.BytesIO(data)).format or "JPEG"]
