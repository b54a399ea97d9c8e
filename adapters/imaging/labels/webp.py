"""The place of a WebP's XMP packet: the chunk `XMP ` at the end, announced in the header of an extended file."""

from collections.abc import Iterator

from adapters.imaging.labels.edits import Buffer, Edit

FIRST = 12  # where the chunks begin
HAS_XMP, HAS_ALPHA = 0x04, 0x10
SIDE = 0x3FFF  # the 14 bits of a width or height


def is_mine(data: Buffer) -> bool:
    """Whether this is a WebP."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def find(data: Buffer) -> bytes | None:
    """Return the packet, or None."""
    packets = (data[start + 8 : start + 8 + size] for kind, start, size in _chunks(data) if kind == b"XMP ")
    return next(packets, None)


def edits(data: Buffer, packet: bytes) -> list[Edit]:
    """Return the changes that put a packet at the end, in the place of any other. Raises ValueError."""
    chunks = list(_chunks(data))
    changes = [Edit(start, _end(start, size)) for kind, start, size in chunks if kind == b"XMP "]
    end = max((_end(start, size) for _, start, size in chunks), default=FIRST)
    changes += [_announced(data, chunks), Edit(end, len(data), _chunk(b"XMP ", packet))]
    grown = sum(len(edit.new) - (edit.end - edit.start) for edit in changes)
    return [Edit(4, 8, (len(data) + grown - 8).to_bytes(4, "little")), *changes]


def _announced(data: Buffer, chunks: list[tuple[bytes, int, int]]) -> Edit:
    """Return the change that makes the file an extended one with the packet's flag."""
    if not chunks:
        raise ValueError("a WebP without a picture")
    kind, start, _ = chunks[0]
    body = start + 8
    if kind == b"VP8X":
        return Edit(body, body + 1, bytes([data[body] | HAS_XMP]))
    flags = HAS_XMP
    if kind == b"VP8L":
        bits = int.from_bytes(data[body + 1 : body + 5], "little")
        width, height = bits & SIDE, bits >> 14 & SIDE
        flags |= HAS_ALPHA if bits >> 28 & 1 else 0
    else:
        width, height = ((int.from_bytes(data[at : at + 2], "little") & SIDE) - 1 for at in (body + 6, body + 8))
    header = bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return Edit(start, start, _chunk(b"VP8X", header))


def _chunks(data: Buffer) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and size of the body of each chunk."""
    place, end = FIRST, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while place + 8 <= end:
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place : place + 4], place, size
        place = _end(place, size)


def _end(start: int, size: int) -> int:
    return start + 8 + size + size % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
