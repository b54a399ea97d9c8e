"""Puts a picture into an exact size: stretched if that is invisible, cut a little, or whole on white."""

from PIL import Image, ImageOps

from adapters.imaging.arrays import pixels_of
from adapters.imaging.colour import to_srgb
from adapters.imaging.encode import flattened
from adapters.imaging.finish.portrait import placed
from domain.vocabulary.pictures import TargetSize
from domain.vocabulary.sizes import keeps_all

TOLERANCE = 0.02  # of the aspect ratio: less is invisible when stretched; more is a crop by the model
PAPER = {"RGB": "#ffffff", "RGBA": "#ffffff00"}


def fitted(picture: Image.Image, size: TargetSize) -> Image.Image:
    """Return the picture in exactly this size.

    An ID photograph has the head where its rule wants it. Any other picture is filled in if that cuts off little or
    the customer wants it so, else it is shown whole on white. Raises PictureUnreadable if there is not one face.
    """
    exact = (size.width, size.height)
    if size.id_photo:
        return _with_profile(placed(picture, pixels_of(flattened(to_srgb(picture))), size), picture)
    if keeps_all(size, *picture.size):
        return _with_profile(
            ImageOps.pad(picture, exact, Image.Resampling.LANCZOS, color=PAPER.get(picture.mode)), picture
        )
    return fill(picture, exact)


def fill(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a picture to fill a size exactly: the excess is cropped evenly on two sides, nothing is padded."""
    if picture.size == size:
        return picture
    ratio = (picture.width / picture.height) / (size[0] / size[1])
    if abs(ratio - 1) <= TOLERANCE:
        return _with_profile(picture.resize(size, Image.Resampling.LANCZOS), picture)
    return _with_profile(ImageOps.fit(picture, size, Image.Resampling.LANCZOS), picture)


def _with_profile(result: Image.Image, picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    result.info = {"icc_profile": profile} if profile else {}
    return result
