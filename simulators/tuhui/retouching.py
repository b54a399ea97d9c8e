"""A designer's work: fetches the picture of a task, and retouches it visibly."""

import io
import re

import httpx
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from simulators.tuhui.board import Refused
from simulators.tuhui.files import LARGEST

TIMEOUT_SECONDS = 10.0  # for downloading the picture
LINK = re.compile(r"https?://[^\s<>\"']+")
BETWEEN = re.compile(r"[\s::]+$")  # between a name and its link
ORIGINAL, SHOWN = "原图", "目前效果"  # the names of the shop's links, in phrases.toml
LONG_SIDE = 2048  # pixels
INKS = ((255, 122, 0), (0, 150, 136), (156, 39, 176), (25, 118, 210))  # a different one each round


def links(description: str) -> dict[str, str]:
    """Return the links of a description by their names; links without a name are numbered."""
    found: dict[str, str] = {}
    for line in description.splitlines():
        if match := LINK.search(line):
            name = BETWEEN.sub("", line[: match.start()]).strip() or f"图片{len(found) + 1}"
            found.setdefault(name, match.group())
    return found


def draw(description: str, rounds: int) -> bytes:
    """Retouch the picture of a task: the last preview, else the original. Raises Refused."""
    named = links(description)
    if not named:
        raise Refused(400, "任务里没有图片链接,请上传成品")
    original = fetch(named.get(ORIGINAL) or next(iter(named.values())))
    shown = fetch(named[SHOWN]) if SHOWN in named else None
    try:
        base = shown if shown and _size(shown) == _size(original) else original  # a preview may be a small copy
        return retouch(base, rounds)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(400, "任务里的链接不是图片") from error


def fetch(link: str) -> bytes:
    """Download a link. Raises Refused."""
    data = bytearray()
    try:
        with httpx.stream("GET", link, timeout=TIMEOUT_SECONDS, follow_redirects=True) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > LARGEST:
                    raise Refused(413, "任务里的图片太大了")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(502, f"任务里的图片取不到:{type(error).__name__}") from error
    return bytes(data)


def retouch(data: bytes, rounds: int) -> bytes:
    """Return the picture brighter, more colourful and with a brush stroke, in the same format, at least 2K."""
    with Image.open(io.BytesIO(data)) as opened:
        kind = "PNG" if opened.format == "PNG" else "JPEG"
        upright = ImageOps.exif_transpose(opened)
        picture = upright.convert("RGBA" if kind == "PNG" and upright.has_transparency_data else "RGB")
    larger = max(1.0, LONG_SIDE / max(picture.size))  # what is owed to whoever ordered a sharper one
    picture = picture.resize((round(larger * picture.width), round(larger * picture.height)), Image.Resampling.LANCZOS)
    picture = ImageEnhance.Color(ImageEnhance.Brightness(picture).enhance(1.08)).enhance(1.2)
    _stroke(picture, rounds)
    out = io.BytesIO()
    picture.save(out, kind, quality=92)
    return out.getvalue()


def _stroke(picture: Image.Image, rounds: int) -> None:
    """Draw a tick into a lower corner, with the brush of this round."""
    side = min(picture.size)
    width = max(2, side // 50)
    left = side * (0.06 + 0.12 * (rounds % 4))
    low = picture.height - side * 0.06
    points = [(left, low - side * 0.05), (left + side * 0.03, low), (left + side * 0.1, low - side * 0.1)]
    brush = ImageDraw.Draw(picture)
    for ink, thick in (((255, 255, 255), 2 * width), (INKS[rounds % len(INKS)], width)):  # visible on any background
        brush.line(points, fill=ink, width=thick, joint="curve")


def _size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).size
