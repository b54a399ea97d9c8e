"""Reads a TIFF's tags before decoding: raw files of cameras, scans hidden in its parts, and further pages."""

from typing import Any

from PIL import Image, TiffImagePlugin

from adapters.imaging.limits import Limits
from adapters.imaging.rejections import refusal

SUBFILE, COMPRESSION, MAKE, STRIPS, STRIP_BYTES, TILES, TILE_BYTES = 254, 259, 271, 273, 279, 324, 325
SUB_IFDS, DNG_VERSION = 330, 50706
REDUCED = 1  # a small copy of another picture in the file
JPEG_KINDS = {6, 7}
MOST_PARTS = 100_000


def check(image: TiffImagePlugin.TiffImageFile, data: bytes, limits: Limits) -> None:
    """Refuse what would cost too much, or show only a small preview. Raises PictureUnreadable."""
    tags = image.tag_v2
    if data[8:10] == b"CR" or DNG_VERSION in tags or (SUB_IFDS in tags and MAKE in tags):
        raise refusal("is_camera_raw")
    starts, lengths = _listed(tags, STRIPS, TILES), _listed(tags, STRIP_BYTES, TILE_BYTES)
    if len(starts) > MOST_PARTS:
        raise refusal("damaged", detail="it is cut into too many parts")
    if tags.get(COMPRESSION) not in JPEG_KINDS:
        return
    for start, length in zip(starts, lengths, strict=False):
        scans = data.count(b"\xff\xda", start, start + length)
        if scans > limits.max_scans:
            raise refusal("too_many_scans", scans=scans, most=limits.max_scans)


def has_pages(image: Image.Image) -> bool:
    """Whether the file has a second picture that is not a small copy of the first. Raises what Pillow raises."""
    if not getattr(image, "is_animated", False):
        return False
    image.seek(1)
    is_copy = bool(int(getattr(image, "tag_v2", {}).get(SUBFILE, 0)) & REDUCED)
    image.seek(0)
    return not is_copy


def _listed(tags: Any, *names: int) -> list[int]:
    found = next((tags[name] for name in names if name in tags), ())
    return [int(value) for value in (found if isinstance(found, tuple) else (found,))]
