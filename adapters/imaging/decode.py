"""Opens pictures by content, not by name, and validates them by decoding them completely."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from adapters.imaging import jpeg, png
from adapters.imaging.colour import cmyk_to_srgb, sound_profile
from adapters.imaging.likeness import likeness
from adapters.imaging.limits import Limits
from adapters.imaging.rejections import refusal
from adapters.imaging.upright import upright
from domain.ports import EncodedImage, PictureFacts

# Pillow only warns up to 179 megapixels; our limit is checked on the header, before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = None

CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, OverflowError, IndexError, KeyError,
    AssertionError,  # raised by Pillow for a palette picture without a palette
)  # fmt: skip
OPAQUE = 255
SIGNATURES = {
    b"GIF8": "gif",
    b"%PDF": "pdf",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"BM": "bmp",
    b"8BPS": "psd",
    b"PK\x03\x04": "zip",
}


def inspect(file: EncodedImage, limits: Limits) -> PictureFacts:
    """Decode an upload completely; return its actual type, upright size and likeness. Raises PictureUnreadable."""
    picture, content_type = decode_upload(file.data, limits)
    return PictureFacts(content_type, picture.width, picture.height, likeness(picture))


def inspect_file(path: str, limits: Limits) -> PictureFacts:
    """Inspect an upload on disk, so that its bytes are not passed between processes. Raises PictureUnreadable."""
    return inspect(EncodedImage(Path(path).read_bytes(), "application/octet-stream"), limits)


def decode_upload(data: bytes, limits: Limits) -> tuple[Image.Image, str]:
    """Decode an upload completely; return it as `decode` does, and its actual type. Raises PictureUnreadable."""
    if len(data) > limits.max_bytes:
        megabytes, most = f"{len(data) / 2**20:.1f}", f"{limits.max_bytes / 2**20:.0f}"
        raise refusal("too_many_bytes", megabytes=megabytes, most=most)
    return _load(data, limits)


def decode(file: EncodedImage, limits: Limits) -> Image.Image:
    """Return the picture upright, as 8-bit RGB, or RGBA if any pixel is transparent; its ICC profile is in `info`.

    Only the first frame of an animation is used. Raises PictureUnreadable.
    """
    return _load(file.data, limits)[0]


def _load(data: bytes, limits: Limits) -> tuple[Image.Image, str]:
    with warnings.catch_warnings(action="ignore"):  # they are about metadata
        data = jpeg.bare(png.bare(data))
        image = _open(data)
        _check_size(image.width, image.height, limits)
        content_type = CONTENT_TYPES[image.format or ""]
        try:
            return _eight_bit(upright(_decoded(image, data, limits))), content_type
        except BROKEN as error:
            raise refusal("damaged", detail=str(error)) from error


def _decoded(image: ImageFile.ImageFile, data: bytes, limits: Limits) -> ImageFile.ImageFile:
    if image.format == "JPEG":
        return _jpeg(image, data, limits)
    if image.format == "PNG":
        png.check_rows(data)
    image.seek(0)
    image.load()
    return image


def _open(data: bytes) -> ImageFile.ImageFile:
    if not data:
        raise refusal("empty")
    try:
        return Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except UnidentifiedImageError as error:
        if data.startswith((jpeg.SIGNATURE, png.SIGNATURE)) or data[8:12] == b"WEBP":
            raise refusal("damaged", detail="no sound header") from error
        raise refusal("wrong_kind", kind=_what_it_is(data)) from error
    except BROKEN as error:
        raise refusal("damaged", detail=str(error)) from error


def _jpeg(image: ImageFile.ImageFile, data: bytes, limits: Limits) -> ImageFile.ImageFile:
    """Decode a JPEG; a missing end marker is tolerated if all pixels are there. Raises PictureUnreadable, OSError."""
    scans = jpeg.scans(data)
    if scans > limits.max_scans:
        raise refusal("too_many_scans", scans=scans, most=limits.max_scans)
    try:
        image.load()
    except OSError:
        image, other = (_open(data + ending) for ending in jpeg.ENDINGS)
        if image.tobytes() != other.tobytes():
            raise
    return image


def _what_it_is(data: bytes) -> str:
    if data[:256].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        return "web_page"
    if data[4:8] == b"ftyp":
        return "heic_or_film"
    return next((name for mark, name in SIGNATURES.items() if data.startswith(mark)), "unknown")


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        megapixels, most = f"{width * height / 1e6:.0f}", f"{limits.max_pixels / 1e6:.0f}"
        raise refusal("too_many_pixels", megapixels=megapixels, width=width, height=height, most=most)
    if min(width, height) < limits.min_side:
        raise refusal("too_small", width=width, height=height, least=limits.min_side)
    if max(width, height) > min(width, height) * limits.max_ratio:
        raise refusal("too_narrow", width=width, height=height, most=limits.max_ratio)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Convert any mode to RGB or RGBA. The ICC profile is kept only for RGB pixels, since it describes no others."""
    profile = image.info.get("icc_profile")
    if image.mode == "CMYK":
        result, profile = cmyk_to_srgb(image, profile), None
    elif image.mode.startswith("I"):
        result, profile = _from_sixteen_bit(image), None
    else:
        result = image.convert("RGBA" if image.has_transparency_data else "RGB")
        profile = sound_profile(profile) if image.mode in {"RGB", "RGBA", "P"} else None
    if result.mode == "RGBA" and result.getchannel("A").getextrema()[0] == OPAQUE:
        result = result.convert("RGB")
    result.info = {"icc_profile": profile} if profile else {}
    return result


def _from_sixteen_bit(image: Image.Image) -> Image.Image:
    """Keep the high byte of 16-bit grey; Pillow's own conversion clips everything above 255 to white."""
    return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)).convert("RGB")
