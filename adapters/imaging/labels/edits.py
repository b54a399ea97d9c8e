"""Changes to a file's bytes, so that a file of any size is labelled without being decoded or held in memory."""

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

Buffer = bytes | mmap.mmap
PIECE = 2**20  # bytes


@dataclass(frozen=True)
class Edit:
    """Replace the bytes from `start` to `end`, possibly none, by others."""

    start: int
    end: int
    new: bytes = b""


def applied(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the data with all edits, which must not overlap."""
    return b"".join(_pieces(data, edits))


def rewrite(data: Buffer, edits: Iterable[Edit], copy: Path) -> None:
    """Write the data with all edits to another file."""
    with copy.open("wb") as out:
        for piece in _pieces(data, edits):
            out.write(piece)


def _pieces(data: Buffer, edits: Iterable[Edit]) -> Iterator[bytes]:
    place = 0
    for edit in sorted(edits, key=attrgetter("start", "end")):
        yield from _copied(data, place, edit.start)
        yield edit.new
        place = edit.end
    yield from _copied(data, place, len(data))


def _copied(data: Buffer, start: int, end: int) -> Iterator[bytes]:
    for place in range(start, end, PIECE):
        yield data[place : min(place + PIECE, end)]
