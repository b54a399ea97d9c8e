"""Encodes pictures: pixels and colour profile are written, private metadata (EXIF, GPS, XMP, comments) is not."""

import io
from typing import Any

from PIL import Image, ImageFile

from domain.ports import EncodedImage

JPEG_QUALITY = 93
WEBP_QUALITY = 93


def as_png(image: Image.Image, dpi: int | None = None) -> EncodedImage:
    """Encode as PNG, with the colour profile and the resolution in dots per inch if given."""
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
    """Encode in the format of the original: JPEG unless the picture is transparent, PNG for everything else."""
    if original.data.startswith(b"\xff\xd8") and image.mode == "RGB":
        return as_jpeg(image, dpi)
    return as_png(image, dpi)


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
    if dpi:
        options["dpi"] = (dpi, dpi)
    if profile:
        options["icc_profile"] = profile
    out = io.BytesIO()
    bare.save(out, kind, **options)
    return out.getvalue()
