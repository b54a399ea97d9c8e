"""Opens pictures by content, not by name, and validates them by decoding them completely."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import pi_heif
from PIL import Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from adapters.imaging import jpeg, png, tiff
from adapters.imaging.depth import eight_bit
from adapters.imaging.kinds import kind_of
from adapters.imaging.likeness import likeness
from adapters.imaging.limits import MEBIBYTE, MEGAPIXEL, Limits, exceeding
from adapters.imaging.rejections import refusal
from adapters.imaging.upright import upright
from domain.ports import EncodedImage, PictureFacts

# Pillow only warns up to 179 megapixels; our limit is checked on the header, before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(thumbnails=False)

CONTENT_TYPES = {
    "JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif", "BMP": "image/bmp",
    "TIFF": "image/tiff", "AVIF": "image/avif", "HEIF": "image/heic",
}  # fmt: skip
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
# Beginnings of files that are taken: if such a file cannot be opened, it is damaged.
OURS = (jpeg.SIGNATURE, png.SIGNATURE, b"GIF8", b"BM", b"II*\0", b"MM\0*")
OURS_INSIDE = {b"WEBP", b"heic", b"heix", b"mif1", b"avif", b"avis"}
LARGE_KINDS = (b"BM", b"II*\0", b"MM\0*")  # as JPEG the same picture is far smaller
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, OverflowError, IndexError, KeyError,
    AssertionError,  # raised by Pillow for a palette picture without a palette
    TypeError, ZeroDivisionError, RuntimeError,  # raised for TIFF tags of another type, and by libheif
)  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """A picture as `decode` returns it, its actual type, and what else the file shows: frames, pages or nothing."""

    picture: Image.Image
    content_type: str
    more: str = ""


def inspect(file: EncodedImage, limits: Limits) -> PictureFacts:
    """Decode an upload completely; return its actual type, upright size and likeness. Raises PictureUnreadable."""
    found = decode_upload(file.data, limits)
    size = found.picture.size
    return PictureFacts(found.content_type, *size, likeness(found.picture), found.more)


def inspect_file(path: str, limits: Limits) -> PictureFacts:
    """Inspect an upload on disk, so that its bytes are not passed between processes. Raises PictureUnreadable."""
    return inspect(EncodedImage(Path(path).read_bytes(), "application/octet-stream"), limits)


def decode_upload(data: bytes, limits: Limits) -> Loaded:
    """Decode an upload completely. Raises PictureUnreadable."""
    if len(data) > limits.max_bytes:
        megabytes, most = exceeding(len(data), MEBIBYTE), f"{limits.max_bytes / MEBIBYTE:.0f}"
        reason = "too_many_bytes_unpacked" if data.startswith(LARGE_KINDS) else "too_many_bytes"
        raise refusal(reason, megabytes=megabytes, most=most)
    return _load(data, limits)


def decode(file: EncodedImage, limits: Limits) -> Image.Image:
    """Return the picture upright, as 8-bit RGB, or RGBA if any pixel is transparent; see `eight_bit` for its `info`.

    Only the first frame of an animation is used. Raises PictureUnreadable.
    """
    return _load(file.data, limits).picture


def _load(data: bytes, limits: Limits) -> Loaded:
    with warnings.catch_warnings(action="ignore"):  # they are about metadata
        data = jpeg.bare(png.bare(data))
        image = _open(data)
        _check_size(image.width, image.height, limits)
        content_type = CONTENT_TYPES[image.format or ""]
        try:
            image, more = _decoded(image, data, limits)
            return Loaded(eight_bit(upright(image)), content_type, more)
        except BROKEN as error:
            raise refusal("damaged", detail=str(error)) from error


def _decoded(image: ImageFile.ImageFile, data: bytes, limits: Limits) -> tuple[ImageFile.ImageFile, str]:
    if image.format == "JPEG":
        return _jpeg(image, data, limits), ""
    if image.format == "PNG":
        png.check_rows(data)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tiff.check(image, data, limits)
        more = "pages" if tiff.has_pages(image) else ""
    else:
        more = "frames" if getattr(image, "is_animated", False) else ""
    image.seek(0)
    image.load()
    return image, more


def _open(data: bytes) -> ImageFile.ImageFile:
    if not data:
        raise refusal("empty")
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        if data.startswith(OURS) or data[8:12] in OURS_INSIDE:
            raise refusal("damaged", detail="no sound header") from error
        raise refusal(f"is_{kind_of(data)}") from error
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


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        megapixels, most = exceeding(width * height, MEGAPIXEL), f"{limits.max_pixels / MEGAPIXEL:.0f}"
        raise refusal("too_many_pixels", megapixels=megapixels, width=width, height=height, most=most)
    if min(width, height) < limits.min_side:
        raise refusal("too_small", width=width, height=height, least=limits.min_side)
    if max(width, height) > min(width, height) * limits.max_ratio:
        raise refusal("too_narrow", width=width, height=height, most=limits.max_ratio)
