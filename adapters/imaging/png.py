"""What a PNG's chunks say: the picture without its words, and whether all of its rows are there."""

import struct
import zlib
from collections.abc import Iterator

from adapters.imaging.rejections import refusal

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Words, times and private chunks are dropped unread: one may unpack to any size.
KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"sRGB", b"gAMA", b"eXIf"}
LARGEST_PROFILE = 2**20  # bytes, unpacked: what Pillow reads
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type of the header
# Of an interlaced PNG's passes: the first column and row, and the steps between columns and rows.
WHOLE = ((0, 0, 1, 1),)
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
PIECE = 2**20  # bytes unpacked at a time
Chunk = tuple[bytes, bytes, bytes]  # its kind, its body, and all of it


def bare(data: bytes) -> bytes:
    """Return a PNG without the chunks that are not about pixels; other bytes are returned as they are."""
    if not data.startswith(SIGNATURE):
        return data
    kept = (whole for kind, body, whole in _chunks(data) if kind in KEPT and (kind != b"iCCP" or _is_sound(body)))
    return SIGNATURE + b"".join(kept)


def check_rows(data: bytes) -> None:
    """Refuse a PNG whose pixels are fewer, or more, than its header says. Raises PictureUnreadable, zlib.error."""
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
    """Return how many bytes the pixels' data hold, unpacked piece by piece; counting ends at `enough`."""
    packed, found = zlib.decompressobj(), 0
    for body in bodies:
        rest, full = body, True
        while (rest or full) and found < enough and not packed.eof:
            piece = packed.decompress(rest, PIECE)
            found, rest, full = found + len(piece), packed.unconsumed_tail, len(piece) == PIECE
    return found


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a PNG up to its end, or to where it is cut off: that is the decoder's to say."""
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        kind = data[place + 4 : place + 8]
        yield kind, data[place + 8 : end - 4], data[place:end]
        if kind == b"IEND":
            return
        place = end


def _is_sound(profile: bytes) -> bool:
    """Whether a colour profile unpacks to a size that is read; its name and the method stand before it."""
    packed = zlib.decompressobj()
    try:
        packed.decompress(profile[profile.index(b"\0") + 2 :], LARGEST_PROFILE)
    except (ValueError, zlib.error):
        return False
    return not packed.unconsumed_tail
