"""Takes an image out of a JSON body on disk, so that megabytes of base64 are never held in memory."""

import binascii
import mmap
import re
from pathlib import Path
from typing import IO, Any

from domain.vocabulary.errors import MalformedRequest
from gateway.json_bodies import decoded

MOST_BESIDE = 64 * 1024  # bytes of the body without the image
PIECE = 512 * 1024  # characters of base64 decoded at a time; a multiple of four
# In JSON a quote that begins a text never follows a backslash.
_BEGINNING = re.compile(rb'(?<!\\)"data:[\w.+-]{1,60}\\?/[\w.+-]{1,60};base64,')
TAKEN = "data:,"  # what stands in the body for the image that was taken out


def take_image(body: Path, image: IO[bytes]) -> Any:
    """Return a JSON body without its first data URL, whose bytes are written to `image`; in its place is TAKEN.

    Raises MalformedRequest.
    """
    if body.stat().st_size == 0:
        return decoded(b"")
    with body.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _BEGINNING.search(data)
        if not found:
            return decoded(_beside(data, len(data), len(data)))
        end = data.find(b'"', found.end())
        if end < 0:
            raise MalformedRequest("the body is not valid JSON: the text of the image does not end")
        _decode(data, found.end(), end, image)
        return decoded(_beside(data, found.start(), end))


def _beside(data: mmap.mmap, start: int, end: int) -> bytes:
    if start + len(data) - end > MOST_BESIDE:
        raise MalformedRequest(
            f"the body has more than {MOST_BESIDE:,} bytes beside the image; send the image as one data URL, "
            "data:image/png;base64,..."
        )
    if start == end:
        return data[:]
    return data[:start] + f'"{TAKEN}'.encode() + data[end:]


def _decode(data: mmap.mmap, start: int, end: int, image: IO[bytes]) -> None:
    """Decode base64 piece by piece; some programs escape each slash with a backslash."""
    kept = b""
    try:
        for place in range(start, end, PIECE):
            text = kept + data[place : min(place + PIECE, end)]
            if text.endswith(b"\\"):  # the slash is in the next piece
                text, kept = text[:-1], b"\\"
            else:
                kept = b""
            text = text.replace(b"\\/", b"/")
            whole = len(text) // 4 * 4 if place + PIECE < end else len(text)
            text, kept = text[:whole], text[whole:] + kept
            image.write(binascii.a2b_base64(text, strict_mode=True))
    except binascii.Error as error:
        raise MalformedRequest(f"the image is not valid base64: {error}") from error
    if kept:
        raise MalformedRequest("the image is not valid base64")
