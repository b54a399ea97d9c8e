"""The implicit AI label of a file: writes and reads it without touching a pixel.

GB 45438-2025 asks for it in the file's metadata: the XMP property `TC260:AIGC` holds a JSON text of seven fields, as
TC260-PG-20252A and the readers of platforms expect it. The IPTC's `DigitalSourceType` says the same to the rest of the
world. Both stand in one XMP packet, at the place that each format has for it.
"""

import mmap
from pathlib import Path
from types import ModuleType

from adapters.imaging.labels import jpeg, packet, png, psd, svg, tiff, webp
from adapters.imaging.labels.edits import Buffer, applied, rewrite
from adapters.imaging.labels.packet import AiLabel
from domain.ports import EncodedImage

__all__ = ["AiLabel", "carried_over", "label_file", "labelled", "read", "read_file"]

PLACES: tuple[ModuleType, ...] = (jpeg, png, webp, tiff, psd, svg)


def labelled(picture: EncodedImage, label: AiLabel | None) -> EncodedImage:
    """Return the picture with this label instead of its own; unchanged without one. Raises ValueError."""
    if label is None:
        return picture
    edits = _place(picture.data).edits(picture.data, packet.written(label))
    return EncodedImage(applied(picture.data, edits), picture.content_type)


def carried_over(source: EncodedImage, picture: EncodedImage) -> EncodedImage:
    """Return a picture made from `source` with the label of `source`, if that has one."""
    return labelled(picture, read(source.data))


def read(data: Buffer) -> AiLabel | None:
    """Return the label of a file, or None."""
    try:
        found = _place(data).find(data)
    except (ValueError, IndexError):
        return None
    return packet.read(found) if found else None


def read_file(path: Path) -> AiLabel | None:
    """Return the label of a file on disk, or None."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return read(data)


def label_file(path: Path, copy: Path, label: AiLabel) -> None:
    """Write a labelled copy of a file on disk, piece by piece. Raises ValueError."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        rewrite(data, _place(data).edits(data, packet.written(label)), copy)


def _place(data: Buffer) -> ModuleType:
    for place in PLACES:
        if place.is_mine(data):
            return place
    raise ValueError("a file of this kind has no place for a label")
