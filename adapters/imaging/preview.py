"""Pictures that are only shown: watermarked previews, thumbnails, and before/after comparisons."""

import math
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import as_jpeg
from adapters.imaging.labels import carried_over, labelled, read
from adapters.imaging.labels.visible import drawn_on
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, Previews

LONG_SIDE = 1280  # pixels
THUMBNAIL = 520  # pixels
MARGIN = 16  # pixels
ANGLE = 30  # degrees
OPACITY = 56  # of 255: visible on any picture, without hiding it
SQUARE = 12  # pixels of the checkerboard that shows transparency
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts")
CHINESE_FONTS = ("NotoSansCJK-Regular.*", "NotoSansSC*", "SourceHanSans*", "wqy-*.tt*", "PingFang.ttc", "STHeiti*.ttc")


def previews(view: EncodedImage, limits: Limits, watermark: str, shows_label: bool = True, number: int = 0) -> Previews:
    """Return a JPEG of at most LONG_SIDE pixels with the text repeated across it, and one of at most THUMBNAIL pixels.

    The AI label of a labelled picture is visible, unless the customer has waived it. Raises PictureUnreadable.
    """
    label, picture = read(view.data), _shown(view, limits, LONG_SIDE, LONG_SIDE)
    small = picture.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    web = _watermarked(picture, watermark) if watermark else picture
    if number:
        _label(web, MARGIN, f"第{number}张" if _chinese_font() else f"No. {number}")
    if label and shows_label:
        web, small = drawn_on(web), drawn_on(small)
    return Previews(labelled(as_jpeg(web, quality=85), label), labelled(as_jpeg(small, quality=82), label))


def thumbnail(file: EncodedImage, limits: Limits) -> EncodedImage:
    """Return a JPEG of at most THUMBNAIL pixels, for an e-mail. Raises PictureUnreadable."""
    return carried_over(file, as_jpeg(_shown(file, limits, THUMBNAIL, THUMBNAIL), quality=82))


def before_after(original: EncodedImage, result: EncodedImage, limits: Limits) -> EncodedImage:
    """Return a JPEG of both pictures side by side, equally high, with labels. Raises PictureUnreadable."""
    height, gap = 900, 6
    left, right = (_at_height(_shown(file, limits, 4 * height, height), height) for file in (original, result))
    both = Image.new("RGB", (left.width + gap + right.width, height), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + gap, 0))
    _label(both, MARGIN, "原图 Before")
    _label(both, left.width + gap + MARGIN, "效果 After")
    return carried_over(result, as_jpeg(both, quality=90))


def fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture in sRGB that fits into a size, on a checkerboard where it is transparent."""
    picture = to_srgb(image).copy()
    picture.thumbnail((width, height), Image.Resampling.LANCZOS)
    return _on_checkerboard(picture) if picture.mode == "RGBA" else picture


def _shown(file: EncodedImage, limits: Limits, width: int, height: int) -> Image.Image:
    return fitted(decode(file, limits), width, height)


def _at_height(picture: Image.Image, height: int) -> Image.Image:
    """Scale a picture to a height; a strip wider than 4:1 is padded with white."""
    width = min(4 * height, max(1, round(picture.width * height / picture.height)))
    return ImageOps.pad(picture, (width, height), Image.Resampling.LANCZOS, color="white")


def _on_checkerboard(picture: Image.Image) -> Image.Image:
    tile = Image.new("RGB", (2 * SQUARE, 2 * SQUARE), "#ffffff")
    tile.paste("#d9d9d9", (0, 0, SQUARE, SQUARE))
    tile.paste("#d9d9d9", (SQUARE, SQUARE, 2 * SQUARE, 2 * SQUARE))
    board = Image.new("RGB", picture.size)
    for top in range(0, picture.height, 2 * SQUARE):
        for left in range(0, picture.width, 2 * SQUARE):
            board.paste(tile, (left, top))
    board.paste(picture, mask=picture.getchannel("A"))
    return board


def _watermarked(picture: Image.Image, text: str) -> Image.Image:
    """Return the picture with the text across it: white with a dark outline, in staggered, rotated rows."""
    sheet = _watermark(max(picture.size), text)
    left, top = ((sheet.width - picture.width) // 2, (sheet.height - picture.height) // 2)
    window = sheet.crop((left, top, left + picture.width, top + picture.height))
    return Image.alpha_composite(picture.convert("RGBA"), window).convert("RGB")


@lru_cache(maxsize=2)  # most pictures have the same long side, and drawing takes ten times as long as laying it on
def _watermark(long_side: int, text: str) -> Image.Image:
    """Return a square sheet that covers a picture of any shape with this long side."""
    side = math.ceil(math.sqrt(2) * long_side)
    size = max(12, long_side // 32)
    font, text = _font(size, text)
    sheet = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(sheet)
    step = round(pen.textlength(text, font=font)) + size * 4
    for row, top in enumerate(range(0, side, size * 5)):
        for left in range(-step * (row % 2) // 2, side, step):
            pen.text(
                (left, top), text, font=font, fill=(255, 255, 255, OPACITY),
                stroke_width=max(1, size // 20), stroke_fill=(0, 0, 0, OPACITY // 2),
            )  # fmt: skip
    return sheet.rotate(ANGLE, Image.Resampling.BICUBIC)


def _label(picture: Image.Image, left: int, text: str) -> None:
    font, text = _font(28, text)
    pen = ImageDraw.Draw(picture)
    pen.text((left, 12), text, font=font, fill="white", stroke_width=3, stroke_fill="black")


def _font(size: int, text: str) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    """Return a font and the part of the text that it can draw: without a Chinese font, the ASCII part."""
    path = _chinese_font()
    if path:
        return ImageFont.truetype(str(path), size), text
    return ImageFont.load_default(size), text.encode("ascii", "ignore").decode().strip()


@cache
def _chinese_font() -> Path | None:
    folders = [Path(folder) for folder in FONT_FOLDERS if Path(folder).is_dir()]
    return next((path for name in CHINESE_FONTS for folder in folders for path in folder.rglob(name)), None)
