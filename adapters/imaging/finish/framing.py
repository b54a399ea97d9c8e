"""Deliverables that are photographs: in the original's framing and format, or in exactly the requested size."""

from typing import Any

from PIL import Image

from adapters.imaging.arrays import at_most, pixels_of
from adapters.imaging.encode import like
from adapters.imaging.finish.fitting import fill, fitted
from adapters.imaging.measure import colourfulness
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.pictures import Operation, TargetSize

TWO_K = 2048  # pixels on the long side
KEPT = ("dpi", "is_grey")  # of what decoding found out about the original
SMALL, COLOURLESS = 512, 6  # pixels; colourfulness


def enhanced(original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver `enhance`: the original's framing, at least 2K on the long side unless a size was requested."""
    return _photograph(original, _sized(before, after, wish, at_least=TWO_K), before, wish)


def retouched(original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver `edit` and `fix_old_photo`: the original's framing, never smaller than the original."""
    return _photograph(original, _sized(before, after, wish, at_least=0), before, wish)


def resized(original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver `resize`: exactly the requested size, and the resolution in the file.

    Raises MalformedRequest, and PictureUnreadable if an ID photograph has not exactly one face.
    """
    if wish.size is None:
        raise MalformedRequest("resize needs a size in pixels")
    framed = fill(after, proportioned(before, max(after.size)))
    return _photograph(original, fitted(framed, wish.size), before, wish)


def in_frame(before: Image.Image, after: Image.Image, at_least: int = 0) -> Image.Image:
    """Return a raw picture in the original's proportions, at least as large as the larger of the two."""
    return fill(after, proportioned(before, max(at_least, *before.size, *after.size)))


def proportioned(picture: Image.Image, long_side: int) -> tuple[int, int]:
    """Return the picture's size scaled so that its long side has `side` pixels."""
    scale = long_side / max(picture.size)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def _sized(before: Image.Image, after: Image.Image, wish: Wish, at_least: int) -> Image.Image:
    framed = in_frame(before, after, 0 if wish.size else at_least)
    if wish.size:
        framed = fitted(framed, wish.size)
    return _transparent_as(before, framed, wish)


def _transparent_as(before: Image.Image, result: Image.Image, wish: Wish) -> Image.Image:
    """Restore the transparency of an enhanced cut-out, which models drop."""
    if wish.operation is Operation.EDIT or before.mode != "RGBA" or result.mode == "RGBA":
        return result
    clear = result.copy()
    clear.putalpha(fill(before.getchannel("A"), result.size))
    clear.info = dict(result.info)
    return clear


def _photograph(original: EncodedImage, picture: Image.Image, before: Image.Image, wish: Wish) -> Deliverable:
    """Encode a result with the original's resolution, and grey if the original is."""
    size: TargetSize | None = wish.size
    kept: dict[str | tuple[int, int], Any] = {name: before.info[name] for name in KEPT if name in before.info}
    if wish.operation is Operation.EDIT or (wish.operation is Operation.FIX_OLD_PHOTO and _is_coloured(picture)):
        kept.pop("is_grey", None)
    picture.info = {**kept, **picture.info}
    file = like(original, picture, size.dpi if size else None)
    return Deliverable(file, file, "jpg" if file.content_type == "image/jpeg" else "png")


def _is_coloured(picture: Image.Image) -> bool:
    """Whether a restored picture was given colours, which a grey file would lose."""
    return colourfulness(at_most(pixels_of(picture), SMALL)) > COLOURLESS
