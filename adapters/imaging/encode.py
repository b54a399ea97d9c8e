"""Encodes pictures: pixels and colour profile are written, private metadata (EXIF, GPS, XMP, comments) is not."""

import io
from typing import Any

from PIL import Image, ImageFile

from domain.ports import EncodedImage

JPEG_QUALITY = 93
WEBP_QUALITY = 93


def as_png(image: Image.Image, dpi: int | None = None) -> EncodedImage:
    """Encode as PNG, with the colour profile and a resolution: `dpi`, or else the picture's own."""
    return EncodedImage(_saved(image, "PNG", dpi, compress_level=4), "image/png")


def as_jpeg(image: Image.Image, dpi: int | None = None, quality: int = JPEG_QUALITY) -> EncodedImage:
    """Encode as JPEG without colour subsampling; what is transparent becomes white."""
    # With `optimize` the whole file must fit in Pillow's buffer, which allows one byte a pixel; noise takes 2.2.
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 3 * image.width * image.height)
    data = _saved(flattened(image), "JPEG", dpi, quality=quality, subsampling=0, optimize=True)
    return EncodedImage(data, "image/jpeg")


def as_webp(image: Image.Image) -> EncodedImage:
    """Encode as WebP, with transparency."""
    return EncodedImage(_saved(image, "WEBP", None, quality=WEBP_QUALITY, method=2), "image/webp")


def like(original: EncodedImage, image: Image.Image, dpi: int | None = None) -> EncodedImage:
    """Encode in the format of the original: JPEG unless the picture is transparent, PNG for everything else.

    A picture whose `info` says that it is grey is stored as grey.
    """
    plain = _grey(image) if image.info.get("is_grey") and image.mode == "RGB" else image
    if original.data.startswith(b"\xff\xd8") and plain.mode != "RGBA":
        return as_jpeg(plain, dpi)
    return as_png(plain, dpi)


def _grey(image: Image.Image) -> Image.Image:
    grey = image.convert("L")
    grey.info = {name: fact for name, fact in image.info.items() if name != "icc_profile"}  # it describes RGB
    return grey


def flattened(image: Image.Image) -> Image.Image:
    """Return the picture on white if it has alpha."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    paper.info = dict(image.info)
    return paper


def _saved(image: Image.Image, kind: str, dpi: int | None, **options: Any) -> bytes:
    profile = image.info.get("icc_profile")
    bare = image.copy()
    bare.info = {}  # Pillow would write some of `info`
    if resolution := (dpi, dpi) if dpi else image.info.get("dpi"):
        options["dpi"] = resolution
    if profile:
        options["icc_profile"] = profile
    out = io.BytesIO()
    bare.save(out, kind, **options)
    return out.getvalue()
