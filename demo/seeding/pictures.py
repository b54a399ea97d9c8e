"""Small real pictures for the records: cut-outs of the demo's photographs, poor before and good after."""

import asyncio
import io
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from PIL import Image, ImageEnhance, ImageFilter

from adapters.imaging import preview
from adapters.imaging.decode import decode
from adapters.imaging.encode import as_jpeg
from adapters.imaging.limits import Limits
from adapters.storage.files import S3Files
from demo.seeding.records import Pair
from demo.seeding.words import SUBJECTS
from domain.ports import EncodedImage
from runtime.paths import ROOT

PHOTOS = ROOT / "demo" / "photos"
PAIRS = 240
LONG_SIDE = 900  # pixels
RATIOS = ("1:1", "3:4", "4:3", "2:3", "16:9")
LIMITS = Limits(max_bytes=30_000_000, max_pixels=50_000_000)
JPEG = "image/jpeg"
AT_ONCE = 16

Made = dict[str, bytes]


async def store(files: S3Files, folder: str) -> list[Pair]:
    """Make the pictures and store them below a folder that belongs to no record. Repeating it changes nothing."""
    pairs = [_pair(folder, number) for number in range(PAIRS)]
    if await files.find(pairs[-1].generated):
        return pairs
    loop, turn = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)
    with ProcessPoolExecutor() as pool:

        async def one(number: int) -> None:
            async with turn:
                for suffix, data in (await loop.run_in_executor(pool, make, number)).items():
                    await files.put(f"{folder}/{number:03}-{suffix}.jpg", data, JPEG)

        # The last one last: if it is there, all are.
        await asyncio.gather(*map(one, range(PAIRS - 1)))
        await one(PAIRS - 1)
    return pairs


def _pair(folder: str, number: int) -> Pair:
    name = f"{folder}/{number:03}"
    return Pair(f"{name}-original.jpg", f"{name}-generated.jpg", _ratio(number), _photo(number).stem)


def _ratio(number: int) -> str:
    return RATIOS[number % len(RATIOS)]


def make(number: int) -> Made:
    """Return a pair and its thumbnails as JPEG, by the ends of their keys; the same for the same number."""
    draw = Random(number)  # noqa: S311 - not a secret
    photo = decode(_read(_photo(number)), LIMITS).convert("RGB")
    after = _cut(photo, _ratio(number), draw)
    before = _spoilt(after, draw)
    made = {"original": as_jpeg(before, quality=85), "generated": as_jpeg(after, quality=88)}
    small = {f"{name}-thumb": preview.thumbnail(picture, LIMITS) for name, picture in made.items()}
    return {name: picture.data for name, picture in (made | small).items()}


def _photo(number: int) -> Path:
    photos = sorted(path for path in PHOTOS.iterdir() if path.stem in SUBJECTS)
    return photos[number % len(photos)]


def _read(path: Path) -> EncodedImage:
    return EncodedImage(path.read_bytes(), "application/octet-stream")


def _cut(photo: Image.Image, ratio: str, draw: Random) -> Image.Image:
    """Return a part of the photograph in a shape, sometimes mirrored, in a light of its own."""
    width, height = map(int, ratio.split(":"))
    scale = min(photo.width / width, photo.height / height) * draw.uniform(0.6, 1.0)
    size = (int(width * scale), int(height * scale))
    left, top = (draw.randint(0, room - side) for room, side in zip(photo.size, size, strict=True))
    part = photo.crop((left, top, left + size[0], top + size[1]))
    part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if draw.choice((True, False)) else part
    part.thumbnail((LONG_SIDE, LONG_SIDE))
    lit = ImageEnhance.Color(part).enhance(draw.uniform(0.75, 1.3))
    return ImageEnhance.Brightness(lit).enhance(draw.uniform(0.9, 1.1))


def _spoilt(picture: Image.Image, draw: Random) -> Image.Image:
    """Return the picture as a customer might send it: soft, flat, and saved once too often."""
    soft = picture.filter(ImageFilter.GaussianBlur(draw.uniform(0.8, 2.2)))
    flat = ImageEnhance.Contrast(ImageEnhance.Color(soft).enhance(0.6)).enhance(draw.uniform(0.65, 0.85))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=35)
    return Image.open(out).convert("RGB")
