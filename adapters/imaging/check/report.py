"""The whole check of one file for people: verdict, every fact, and a heat map."""

import io
from dataclasses import dataclass

from PIL import Image
from psd_tools import PSDImage

from adapters.imaging.arrays import image_of
from adapters.imaging.check import judged, measured, measures_of, tiles
from adapters.imaging.check.facts import Fact
from adapters.imaging.check.pair import Pair
from adapters.imaging.drawings import drawn_within
from adapters.imaging.encode import as_png
from adapters.imaging.finish.vector import VIEW_SIDE
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, FileCheck, Wish


@dataclass(frozen=True)
class Report:
    """What the check found, fact by fact."""

    check: FileCheck
    facts: list[Fact]
    heat_map: EncodedImage


def report(original: bytes, result: bytes, wish: Wish, limits: Limits) -> Report:
    """Check a file of any kind that an operation delivers. Raises PictureUnreadable, ValueError for a bad drawing."""
    file, view = opened(result)
    pair = Pair(EncodedImage(original, "application/octet-stream"), file, view, wish, limits)
    measures = measures_of(wish)
    facts = measured(pair, (*measures.file, *measures.look))
    return Report(judged(pair, facts), facts, as_png(image_of(tiles.heat_map(pair))))


def opened(data: bytes) -> tuple[EncodedImage, EncodedImage]:
    """Return a file with its type, and an image of it to view. Raises ValueError for a drawing that does not render."""
    if data.startswith(b"8BPS"):
        flat = PSDImage.open(io.BytesIO(data)).composite()
        assert flat is not None
        return EncodedImage(data, "image/vnd.adobe.photoshop"), as_png(flat)
    if b"<svg" in data[:1024]:
        return EncodedImage(data, "image/svg+xml"), EncodedImage(drawn_within(data, VIEW_SIDE), "image/png")
    kind = Image.MIME.get(Image.open(io.BytesIO(data)).format or "", "application/octet-stream")
    picture = EncodedImage(data, kind)
    return picture, picture
