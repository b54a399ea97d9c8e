"""Rotates a picture as its EXIF says. Nothing else in the EXIF is read, because it may contain anything."""

from PIL import ExifTags, Image

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image) -> Image.Image:
    """Return the picture upright; unchanged if the EXIF is invalid."""
    turn = TURNS.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        said = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - Pillow may raise anything for invalid EXIF
        return 1
    return said if isinstance(said, int) else 1
