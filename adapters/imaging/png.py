"""Reads a PNG's chunks: to drop metadata, and to check that all rows are there."""

import struct
import zlib
from collections.abc import Iterator

from adapters.imaging.rejections import refusal

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Text, time and private chunks are dropped unread, because one may unpack to any size.
KEPT = {
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"IDAT",
    b"IEND",
    b"acTL",
    b"fcTL",
    b"fdAT",
    b"iCCP",
    b"sRGB",
    b"gAMA",
    b"pHYs",
    b"eXIf",
}
LARGEST_PROFILE = 2**20  # bytes unpacked, as many as Pillow reads
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the header's colour type
# The passes of an interlaced PNG: first column and row, and steps between columns and rows.
WHOLE = ((0, 0, 1, 1),)
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
PIECE = 2**20  # bytes unpacked at a time
Chunk = tuple[bytes, bytes, bytes]  # type, body, and the whole chunk


def bare(data: bytes) -> bytes:
    """Return a PNG without the chunks that are not about pixels. Any other data is returned unchanged."""
    if not data.startswith(SIGNATURE):
        return data
    kept = (whole for kind, body, whole in _chunks(data) if kind in KEPT and (kind != b"iCCP" or _is_sound(body)))
    return SIGNATURE + b"".join(kept)


def check_rows(data: bytes) -> None:
    """Refuse a PNG that has fewer or more pixels than its header says. Raises PictureUnreadable, zlib.error."""
    header, *others = list(_chunks(data)) or [(b"", b"", b"")]
    if header[0] != b"IHDR":
        return
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header[1])
    rows = [
        (1 + (across * depth * CHANNELS[colour] + 7) // 8, down)
        for x, y, step_x, step_y in (ADAM7 if interlaced else WHOLE)
        if (across := -(-(width - x) // step_x)) > 0 and (down := -(-(height - y) // step_y)) > 0
    ]
    owed, one = sum(row * down for row, down in rows), max(row for row, _ in rows)
    found = _unpacked((body for kind, body, _ in others if kind == b"IDAT"), owed + one)
    if found < owed:
        raise refusal("wrong_rows", height=height, rows=found * height // owed)
    if found >= owed + one:
        raise refusal("damaged", detail="it holds more rows than its header says")


def _unpacked(bodies: Iterator[bytes], enough: int) -> int:
    """Return the unpacked size of the pixel data in bytes, counted piece by piece and only up to `enough`."""
    packed, found = zlib.decompressobj(), 0
    for body in bodies:
        rest, full = body, True
        while (rest or full) and found < enough and not packed.eof:
            piece = packed.decompress(rest, PIECE)
            found, rest, full = found + len(piece), packed.unconsumed_tail, len(piece) == PIECE
    return found


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a PNG up to its end, or to where it is truncated, which the decoder reports."""
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        kind = data[place + 4 : place + 8]
        yield kind, data[place + 8 : end - 4], data[place:end]
        if kind == b"IEND":
            return
        place = end


def _is_sound(profile: bytes) -> bool:
    """Whether a colour profile unpacks to an acceptable size; its name and compression method precede it."""
    packed = zlib.decompressobj()
    try:
        packed.decompress(profile[profile.index(b"\0") + 2 :], LARGEST_PROFILE)
    except (ValueError, zlib.error):
        return False
    return not packed.unconsumed_tail
