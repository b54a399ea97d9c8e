"""Edits a picture with Pillow, following a prompt."""

import io
import re
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps, UnidentifiedImageError

Picture = Image.Image

SAME_RATIO = 0.04  # relative; up to this the picture is stretched, like by the real model; else it is padded
PLAIN = 12.0  # a border that varies less, in grey levels, is a plain background
NEAR_BORDER = 40  # grey levels; pixels that differ less from the border in every channel are background


def open_picture(data: bytes) -> Picture:
    """Decode a picture upright, in RGB. Raises ValueError with Gemini's wording."""
    try:
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        return picture.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as problem:
        raise ValueError("Provided image is not valid.") from problem


def edit(picture: Picture, prompt: str, size: tuple[int, int]) -> Picture:
    """Return the picture edited as the prompt asks, in this size."""
    picture = ImageOps.autocontrast(picture, cutoff=0.2, preserve_tone=True)
    for words, change in EDITS:
        if re.search(words, prompt, re.IGNORECASE):
            picture = change(picture)
    return _fit(picture, size).filter(ImageFilter.UnsharpMask(radius=2, percent=110, threshold=2))


def as_jpeg(picture: Picture) -> bytes:
    """Return a picture in the format that models return."""
    return encoded(picture, "JPEG")


def encoded(picture: Picture, kind: str) -> bytes:
    """Return a picture encoded in this format."""
    out = io.BytesIO()
    picture.save(out, kind, quality=92)
    return out.getvalue()


def _fit(picture: Picture, size: tuple[int, int]) -> Picture:
    width, height = size
    if abs(np.log(picture.width / picture.height * height / width)) < SAME_RATIO:
        return picture.resize(size, Image.Resampling.LANCZOS)
    canvas = ImageOps.fit(picture.resize((64, 64)), size).filter(ImageFilter.GaussianBlur(min(size) / 16))
    inner = ImageOps.contain(picture, size, Image.Resampling.LANCZOS)
    canvas.paste(inner, ((width - inner.width) // 2, (height - inner.height) // 2))
    return canvas


def _clear_background(picture: Picture) -> Picture:
    """Paint a plain background white; any other background is left unchanged."""
    pixels = np.asarray(picture).astype(np.int16)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour = np.median(border, axis=0)
    if np.abs(border - colour).mean() > PLAIN:
        return picture
    subject = np.abs(pixels - colour).max(axis=2) > NEAR_BORDER
    return Image.fromarray(np.where(subject[..., None], pixels, 255).astype(np.uint8))


def _restore(picture: Picture) -> Picture:
    """Remove specks and scratches one pixel wide, and restore faded colours per channel."""
    return ImageOps.autocontrast(picture.filter(ImageFilter.MedianFilter(3)), cutoff=0.5)


def _flatten(picture: Picture) -> Picture:
    return picture.filter(ImageFilter.MedianFilter(5)).quantize(24).convert("RGB")


def _warm(picture: Picture) -> Picture:
    red, green, blue = picture.split()
    return Image.merge("RGB", (red.point(lambda v: v * 1.08), green, blue.point(lambda v: v * 0.9)))


EDITS: tuple[tuple[str, Callable[[Picture], Picture]], ...] = (
    (r"remove the background|去背|抠图", _clear_background),
    (r"old photograph|老照片", _restore),
    (r"vector art|矢量", _flatten),
    (r"brighter|亮一点|亮一些|提亮", lambda picture: ImageEnhance.Brightness(picture).enhance(1.2)),
    (r"darker|暗一点|暗一些", lambda picture: ImageEnhance.Brightness(picture).enhance(0.85)),
    (r"more colou?r|鲜艳", lambda picture: ImageEnhance.Color(picture).enhance(1.35)),
    (r"warmer|暖一点|暖色", _warm),
)
