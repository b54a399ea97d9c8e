"""Spoils a result, as models sometimes do: cropped, unchanged, distorted or blurred."""

import io
from typing import Literal

from PIL import Image, ImageFilter, ImageOps

from simulators.common.painting import as_jpeg, open_picture

Way = Literal["truncated", "same", "wrong_size", "blurred"]
WRONG_SIZE = (256, 512)
SENTENCES: dict[str, str] = {
    "truncated": "The picture file is truncated. Billed.",
    "same": "The input picture is returned unchanged. Billed.",
    "wrong_size": "The picture is small and has another aspect ratio than requested. Billed.",
    "blurred": "The picture is much blurrier than the input. Billed.",
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
    """Return the content type of a picture."""
    return Image.MIME[Image.open(io.BytesIO(data)).format or "JPEG"]
