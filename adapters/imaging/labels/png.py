"""The place of a PNG's XMP packet: an iTXt chunk with Adobe's keyword."""

import zlib
from collections.abc import Iterator

from adapters.imaging.labels.edits import Buffer, Edit
from adapters.imaging.labels.packet import LARGEST

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"XML:com.adobe.xmp\0"
FRAME = 12  # bytes of a chunk around its body


def is_mine(data: Buffer) -> bool:
    """Whether this is a PNG."""
    return data[:8] == SIGNATURE


def find(data: Buffer) -> bytes | None:
    """Return the packet, or None."""
    for start, end in _packets(data):
        body = data[start + 8 + len(KEYWORD) : end - 4]
        _, _, text = body[2:].split(b"\0", 2)  # language and translated keyword precede it
        return zlib.decompressobj().decompress(text, LARGEST) if body[:1] == b"\1" else text
    return None


def edits(data: Buffer, packet: bytes) -> list[Edit]:
    """Return the changes that put a packet right behind the header, in the place of any other."""
    place = len(SIGNATURE) + FRAME + int.from_bytes(data[8:12])
    body = b"iTXt" + KEYWORD + b"\0\0\0\0" + packet
    chunk = (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    return [Edit(place, place, chunk), *(Edit(*span) for span in _packets(data))]


def _packets(data: Buffer) -> Iterator[tuple[int, int]]:
    place = len(SIGNATURE)
    while place + FRAME <= len(data):
        end = place + FRAME + int.from_bytes(data[place : place + 4])
        if data[place + 4 : place + 8] == b"iTXt" and data[place + 8 : place + 8 + len(KEYWORD)] == KEYWORD:
            yield place, end
        place = end
