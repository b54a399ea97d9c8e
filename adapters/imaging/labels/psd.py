"""The place of a PSD's XMP packet: image resource 1060."""

from collections.abc import Iterator

from adapters.imaging.labels.edits import Buffer, Edit

HEADER = 26  # bytes
XMP = 1060
SIGNATURES = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")


def is_mine(data: Buffer) -> bool:
    """Whether this is a PSD or PSB."""
    return data[:4] == b"8BPS"


def find(data: Buffer) -> bytes | None:
    """Return the packet, or None."""
    return next((data[body : body + size] for number, _, body, size in _resources(data) if number == XMP), None)


def edits(data: Buffer, packet: bytes) -> list[Edit]:
    """Return the changes that put a packet behind the other resources, in the place of any other. Raises ValueError."""
    start, end = _section(data)
    old = [Edit(at, body + size + size % 2) for number, at, body, size in _resources(data) if number == XMP]
    resource = b"8BIM" + XMP.to_bytes(2) + b"\0\0" + len(packet).to_bytes(4) + packet + b"\0" * (len(packet) % 2)
    length = end - start + len(resource) - sum(edit.end - edit.start for edit in old)
    return [Edit(start - 4, start, length.to_bytes(4)), *old, Edit(end, end, resource)]


def _section(data: Buffer) -> tuple[int, int]:
    """Return where the resources lie; the colour table precedes them."""
    start = HEADER + 4 + int.from_bytes(data[HEADER : HEADER + 4]) + 4
    end = start + int.from_bytes(data[start - 4 : start])
    if end > len(data):
        raise ValueError("a PSD that ends in its resources")
    return start, end


def _resources(data: Buffer) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, start, start of the body, and size of the body of each resource."""
    place, end = _section(data)
    while place + 12 <= end and data[place : place + 4] in SIGNATURES:
        name = data[place + 6] + 1
        body = place + 6 + name + name % 2 + 4
        size = int.from_bytes(data[body - 4 : body])
        yield int.from_bytes(data[place + 4 : place + 6]), place, body, size
        place = body + size + size % 2
