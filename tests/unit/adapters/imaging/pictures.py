"""Tiny pictures for the tests, made on the spot."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from domain.ports import EncodedImage

PHOTOS = Path(__file__).parents[4] / "demo" / "photos"
TYPES = {kind: f"image/{kind.lower()}" for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")}


def scene(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A disc and a bar on a gradient: enough outlines to tell where things stand."""
    down, across = np.mgrid[0:height, 0:width]
    pixels = np.stack([across * 255 // width, down * 255 // height, np.full_like(down, 90)], axis=2).astype(np.uint8)
    pixels[(across - width * 0.35) ** 2 + (down - height * 0.4) ** 2 < (height * 0.22) ** 2] = (230, 40, 30)
    pixels[int(height * 0.7) : int(height * 0.8), int(width * 0.5) : int(width * 0.9)] = (20, 30, 200)
    return Image.fromarray(pixels).convert(mode)


def photograph(name: str) -> Image.Image:
    """A crop of 160x120 pixels of one of the demonstration's photographs."""
    return Image.open(PHOTOS / name).convert("RGB").crop((120, 60, 280, 180))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> EncodedImage:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return EncodedImage(out.getvalue(), TYPES[kind])


def opened(file: EncodedImage) -> Image.Image:
    """The file as Pillow reads it."""
    image = Image.open(io.BytesIO(file.data))
    image.load()
    return image
