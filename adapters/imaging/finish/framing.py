"""Deliverables that are photographs: in the original's framing and format, or in exactly the requested size."""

from PIL import Image, ImageOps

from adapters.imaging.encode import like
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.pictures import Operation, TargetSize

TWO_K = 2048  # pixels on the long side
TOLERANCE = 0.02  # of the aspect ratio: less is invisible when stretched; more is a crop by the model


def enhanced(original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver `enhance`: the original's framing, at least 2K on the long side unless a size was requested."""
    return _photograph(original, _sized(before, after, wish, at_least=TWO_K), wish)


def retouched(original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver `edit` and `fix_old_photo`: the original's framing, never smaller than the original."""
    return _photograph(original, _sized(before, after, wish, at_least=0), wish)


def resized(original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver `resize`: exactly the requested size, and the resolution in the file. Raises MalformedRequest."""
    if wish.size is None:
        raise MalformedRequest("resize needs a size in pixels")
    framed = fill(after, proportioned(before, max(after.size)))
    return _photograph(original, fill(framed, (wish.size.width, wish.size.height)), wish)


def in_frame(before: Image.Image, after: Image.Image, at_least: int = 0) -> Image.Image:
    """Return a raw picture in the original's proportions, at least as large as the larger of the two."""
    return fill(after, proportioned(before, max(at_least, *before.size, *after.size)))


def proportioned(picture: Image.Image, long_side: int) -> tuple[int, int]:
    """Return the picture's size scaled so that its long side has `side` pixels."""
    scale = long_side / max(picture.size)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def fill(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a picture to fill a size exactly: the excess is cropped evenly on two sides, nothing is padded."""
    if picture.size == size:
        return picture
    profile = picture.info.get("icc_profile")
    ratio = (picture.width / picture.height) / (size[0] / size[1])
    if abs(ratio - 1) <= TOLERANCE:
        result = picture.resize(size, Image.Resampling.LANCZOS)
    else:
        result = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    result.info = {"icc_profile": profile} if profile else {}
    return result


def _sized(before: Image.Image, after: Image.Image, wish: Wish, at_least: int) -> Image.Image:
    framed = in_frame(before, after, 0 if wish.size else at_least)
    if wish.size:
        framed = fill(framed, (wish.size.width, wish.size.height))
    return _transparent_as(before, framed, wish)


def _transparent_as(before: Image.Image, result: Image.Image, wish: Wish) -> Image.Image:
    """Restore the transparency of an enhanced cut-out, which models drop."""
    if wish.operation is Operation.EDIT or before.mode != "RGBA" or result.mode == "RGBA":
        return result
    clear = result.copy()
    clear.putalpha(fill(before.getchannel("A"), result.size))
    clear.info = dict(result.info)
    return clear


def _photograph(original: EncodedImage, picture: Image.Image, wish: Wish) -> Deliverable:
    size: TargetSize | None = wish.size
    file = like(original, picture, size.dpi if size else None)
    return Deliverable(file, file, "jpg" if file.content_type == "image/jpeg" else "png")
