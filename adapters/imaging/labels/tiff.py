"""The place of a TIFF's XMP packet: tag 700 of the first directory, which is written anew at the end of the file."""

from dataclasses import dataclass
from typing import Literal

from adapters.imaging.labels.edits import Buffer, Edit

XMP_TAG, BYTES = 700, 1
MARKS: dict[bytes, tuple[Literal["little", "big"], int]] = {
    b"II*\0": ("little", 4),
    b"MM\0*": ("big", 4),
    b"II+\0": ("little", 8),
    b"MM\0+": ("big", 8),
}


@dataclass(frozen=True)
class Directory:
    """The first directory: its entries by tag, where its links lie, and how numbers are written."""

    order: Literal["little", "big"]
    word: int  # bytes of an offset: 8 in a BigTIFF
    entries: dict[int, bytes]
    following: bytes  # the offset of the next directory

    @property
    def link(self) -> int:
        """Where the header holds the offset of the first directory."""
        return self.word

    def number(self, raw: bytes) -> int:
        """Read a number."""
        return int.from_bytes(raw, self.order)

    def raw(self, number: int, size: int) -> bytes:
        """Write a number."""
        return number.to_bytes(size, self.order)

    def span(self, tag: int) -> tuple[int, int] | None:
        """Return where the bytes of an entry lie, unless they lie in the entry itself."""
        entry = self.entries.get(tag)
        if entry is None:
            return None
        size, start = (self.number(entry[at : at + self.word]) for at in (4, 4 + self.word))
        return (start, start + size) if size > self.word else None


def is_mine(data: Buffer) -> bool:
    """Whether this is a TIFF."""
    return data[:4] in MARKS


def find(data: Buffer) -> bytes | None:
    """Return the packet, or None."""
    span = _directory(data).span(XMP_TAG)
    return data[slice(*span)] if span else None


def edits(data: Buffer, packet: bytes) -> list[Edit]:
    """Return the changes that add a packet and a directory that names it; an old one is blanked. Raises ValueError."""
    first = _directory(data)
    pad = b"\0" * (len(data) % 2)
    at = len(data) + len(pad)
    body = packet + b"\0" * (-len(packet) % 8)
    entry = first.raw(XMP_TAG, 2) + first.raw(BYTES, 2) + first.raw(len(packet), first.word) + first.raw(at, first.word)
    entries = dict(sorted({**first.entries, XMP_TAG: entry}.items()))
    count = first.raw(len(entries), 8 if first.word == 8 else 2)  # noqa: PLR2004 - of a BigTIFF
    directory = count + b"".join(entries.values()) + first.following
    changes = [
        Edit(first.link, first.link + first.word, first.raw(at + len(body), first.word)),
        Edit(len(data), len(data), pad + body + directory),
    ]
    if (old := first.span(XMP_TAG)) and old[1] <= len(data):
        changes.append(Edit(*old, b"\0" * (old[1] - old[0])))
    return changes


def _directory(data: Buffer) -> Directory:
    order, word = MARKS[data[:4]]
    start = int.from_bytes(data[word : 2 * word], order)
    lead, size = (8, 20) if word == 8 else (2, 12)  # noqa: PLR2004 - of a BigTIFF
    count = int.from_bytes(data[start : start + lead], order)
    first, end = start + lead, start + lead + count * size
    following = data[end : end + word]
    if not count or len(following) < word:
        raise ValueError("a TIFF without a directory")
    entries = (data[at : at + size] for at in range(first, end, size))
    return Directory(order, word, {int.from_bytes(entry[:2], order): entry for entry in entries}, following)
