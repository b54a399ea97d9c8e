"""Copies of pictures in formats that browsers, models and designers' programs open."""

from adapters.imaging.decode import Loaded, decode_upload
from adapters.imaging.encode import as_jpeg, as_png, as_webp
from adapters.imaging.labels import carried_over
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage

PHOTOGRAPHS = {"image/jpeg", "image/heic", "image/avif"}  # their compression loses detail, so a JPEG loses little more


def portable(file: EncodedImage, limits: Limits) -> EncodedImage:
    """Return a picture of any format as JPEG, PNG or WebP: its first frame or page, with its AI label.

    Raises PictureUnreadable.
    """
    return carried_over(file, portable_file(decode_upload(file.data, limits)))


def portable_file(found: Loaded) -> EncodedImage:
    """Encode a picture as JPEG, PNG or WebP, whichever suits its own format."""
    if found.content_type == "image/webp":
        return as_webp(found.picture)
    if found.content_type in PHOTOGRAPHS and found.picture.mode == "RGB":
        return as_jpeg(found.picture)
    return as_png(found.picture)
