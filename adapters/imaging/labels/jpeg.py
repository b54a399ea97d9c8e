"""The place of a JPEG's XMP packet: an APP1 segment of its own."""

from collections.abc import Iterator

from adapters.imaging.labels.edits import Buffer, Edit

HEADER = b"http://ns.adobe.com/xap/1.0/\0"
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
BEFORE = (b"\xe0", b"\xe1")  # JFIF and Exif come first
SCAN, FILL = b"\xda", b"\xff"


def is_mine(data: Buffer) -> bool:
    """Whether this is a JPEG."""
    return data[:3] == b"\xff\xd8\xff"


def find(data: Buffer) -> bytes | None:
    """Return the packet, or None."""
    packets = (body[len(HEADER) :] for _, _, _, body in _segments(data) if body[: len(HEADER)] == HEADER)
    return next(packets, None)


def edits(data: Buffer, packet: bytes) -> list[Edit]:
    """Return the changes that put a packet in the place of any other."""
    place, old = 2, []
    for kind, start, end, body in _segments(data):
        if body.startswith((HEADER, EXTENSION)):
            old.append(Edit(start, end))
        elif kind in BEFORE and place == start:
            place = end
    body = HEADER + packet
    return [Edit(place, place, b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body), *old]


def _segments(data: Buffer) -> Iterator[tuple[bytes, int, int, bytes]]:
    """Yield marker, start, end and body of the segments before the first scan."""
    place = 2
    while data[place : place + 1] == FILL:
        kind = data[place + 1 : place + 2]
        if kind == FILL:
            place += 1
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        if kind in {SCAN, b""} or end > len(data):
            return
        yield kind, place, end, data[place + 4 : end]
        place = end
