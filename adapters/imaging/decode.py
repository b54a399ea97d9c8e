"""Opens pictures by what they hold, not by what they are called, and proves them by decoding them wholly."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from adapters.imaging.colour import cmyk_to_srgb
from adapters.imaging.likeness import likeness
from adapters.imaging.limits import Limits
from domain.errors import PictureUnreadable
from domain.ports import EncodedImage, PictureFacts

# Pillow's own limit lets 179 megapixels pass with a warning; ours is checked on the header, before any pixel is made.
Image.MAX_IMAGE_PIXELS = None

CONTENT_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, OverflowError, IndexError, KeyError)
OPAQUE = 255
SEND = "Please send a JPEG, PNG or WebP picture."
SIGNATURES = {
    b"GIF8": "a GIF",
    b"%PDF": "a PDF document",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"BM": "a BMP",
    b"8BPS": "a Photoshop document",
    b"PK\x03\x04": "a ZIP archive",
}


def inspect(file: EncodedImage, limits: Limits) -> PictureFacts:
    """Decode an upload wholly; return its true type, upright size, and likeness. Raises PictureUnreadable."""
    if len(file.data) > limits.max_bytes:
        size, most = len(file.data) / 2**20, limits.max_bytes / 2**20
        raise PictureUnreadable(
            f"The file has {size:.1f} MB; at most {most:.0f} MB are taken. Please send a smaller one."
        )
    picture, content_type = _load(file.data, limits)
    return PictureFacts(content_type, picture.width, picture.height, likeness(picture))


def inspect_file(path: str, limits: Limits) -> PictureFacts:
    """Inspect an upload that lies on disk: its bytes need not cross from the parent. Raises PictureUnreadable."""
    return inspect(EncodedImage(Path(path).read_bytes(), "application/octet-stream"), limits)


def decode(file: EncodedImage, limits: Limits) -> Image.Image:
    """Return the picture upright, in 8-bit RGB, or RGBA where it is really transparent; its ICC profile in `info`.

    Of an animation the first frame is taken. Raises PictureUnreadable.
    """
    return _load(file.data, limits)[0]


def _load(data: bytes, limits: Limits) -> tuple[Image.Image, str]:
    image = _open(data)
    _check_size(image.width, image.height, limits)
    content_type = CONTENT_TYPES[image.format or ""]
    try:
        image.seek(0)
        image.load()
        upright = ImageOps.exif_transpose(image)
        return _eight_bit(upright), content_type
    except BROKEN as error:
        raise PictureUnreadable(f"The picture is cut off or damaged ({error}). Please send it again.") from error


def _open(data: bytes) -> ImageFile.ImageFile:
    if not data:
        raise PictureUnreadable("The file is empty. Please send the picture again.")
    try:
        return Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except UnidentifiedImageError as error:
        raise PictureUnreadable(f"The file is {_what_it_is(data)}, which is not taken. {SEND}") from error
    except BROKEN as error:
        raise PictureUnreadable(f"The picture is damaged ({error}). Please send it again.") from error


def _what_it_is(data: bytes) -> str:
    if data[:256].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        return "a web page or XML document"
    if data[4:8] == b"ftyp":
        return "a HEIC picture or a film"
    return next((name for mark, name in SIGNATURES.items() if data.startswith(mark)), "of an unknown kind")


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        size, most = width * height / 1e6, limits.max_pixels / 1e6
        raise PictureUnreadable(
            f"The picture has {size:.0f} megapixels ({width}x{height}); at most {most:.0f} are taken. "
            "Please send a smaller one."
        )
    if min(width, height) < limits.min_side:
        raise PictureUnreadable(
            f"The picture is only {width}x{height} pixels; each side needs {limits.min_side}. Please send a larger one."
        )


def _eight_bit(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB or RGBA; only RGB pixels still mean what their ICC profile says."""
    profile = image.info.get("icc_profile")
    if image.mode == "CMYK":
        result, profile = cmyk_to_srgb(image, profile), None
    elif image.mode.startswith("I"):
        result, profile = _from_sixteen_bit(image), None
    else:
        result = image.convert("RGBA" if image.has_transparency_data else "RGB")
        profile = profile if image.mode in {"RGB", "RGBA", "P"} else None
    if result.mode == "RGBA" and result.getchannel("A").getextrema()[0] == OPAQUE:
        result = result.convert("RGB")
    result.info = {"icc_profile": profile} if profile else {}
    return result


def _from_sixteen_bit(image: Image.Image) -> Image.Image:
    """Keep the high byte of 16-bit grey; Pillow's own conversion clips everything above 255 to white."""
    return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)).convert("RGB")
