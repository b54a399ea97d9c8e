"""Reads a JPEG's markers: to drop metadata, to count scans, and to tell a missing end marker from a truncated file."""

import re
from collections.abc import Iterator

SIGNATURE = b"\xff\xd8"
END = b"\xff\xd9"
END_MARKER, SCAN, COMMENT = 0xD9, 0xDA, 0xFE
ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a segment after them
MARKER = re.compile(rb"\xff+[^\xff\x00\xd0-\xd7]")  # within a scan: restarts are part of it, FF 00 is a byte of data
# The application segments that describe how to interpret the pixels, each with its minimum length.
APPLICATIONS = range(0xE0, 0xF0)
KEPT = ((0xE0, b"JFIF\0", 14), (0xE1, b"Exif\0\0", 14), (0xE2, b"ICC_PROFILE\0", 14), (0xEE, b"Adobe", 12))
# Two continuations of a file that stops early. If all pixels are there, neither changes any of them.
ENDINGS = (END, b"\x55\xaa" * 256 + END)
Segment = tuple[int, int, int, int]  # marker, start of the marker, start of the body, end


def bare(data: bytes) -> bytes:
    """Return a JPEG without the segments that are not about pixels. Any other data is returned unchanged."""
    if not data.startswith(SIGNATURE):
        return data
    kept = [SIGNATURE]
    for kind, start, body, end in _segments(data):
        if kind == SCAN:
            return b"".join([*kept, data[start:]])
        if _is_kept(kind, data[body:end]):
            kept.append(data[start:end])
    return b"".join(kept)


def scans(data: bytes) -> int:
    """Count a JPEG's scans without decoding it, not counting thumbnails; 0 for any other data."""
    return sum(kind == SCAN for kind, *_ in _segments(data)) if data.startswith(SIGNATURE) else 0


def _is_kept(kind: int, body: bytes) -> bool:
    if kind not in APPLICATIONS:
        return kind != COMMENT
    return any(kind == of and body.startswith(name) and len(body) >= least for of, name, least in KEPT)


def _segments(data: bytes) -> Iterator[Segment]:
    place = len(SIGNATURE)
    while marker := MARKER.search(data, place):
        kind, body = marker[0][-1], marker.end()
        place = body if kind in ALONE or kind == END_MARKER else body + max(2, int.from_bytes(data[body : body + 2]))
        yield kind, marker.start(), min(body + 2, place), place
        if kind == END_MARKER:
            return
