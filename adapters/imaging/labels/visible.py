"""The visible AI label, AI生成, in the lower right corner of a file: drawn on pixels, on a PSD layer, or as SVG paths.

GB 45438-2025 asks for letters of at least 5 % of the short side, which people notice without effort.
"""

import io
import re
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFilter
from psd_tools import PSDImage

from adapters.imaging.labels import labelled, read, svg
from adapters.imaging.labels.credentials import Credentials, signed
from adapters.imaging.labels.edits import Edit, applied
from adapters.imaging.labels.strokes import HEIGHT, PEN, WIDTH, strokes
from domain.ports import EncodedImage

SHARE = 0.055  # of the short side
LEAST = 9  # pixels, in which the words can be read
FINER = 4  # drawn so much larger, then reduced
HALO = 150  # opacity of the dark rim, of 255
LAYER = "AI生成"
PLAIN_MODES = {"RGB", "RGBA", "L", "LA", "CMYK"}
KEPT = ("icc_profile", "dpi", "exif")
VIEW_BOX = re.compile(rb"""viewBox\s*=\s*["']([^"']+)["']""")
SIDE = re.compile(rb"""\b(width|height)\s*=\s*["']\s*([\d.]+)(?:px)?\s*["']""")


@dataclass(frozen=True)
class Place:
    """Where the label lies on a picture, and how large a unit of its strokes is."""

    left: float
    top: float
    scale: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height with the rim, in whole pixels."""
        rim = 2 * PEN
        return round((WIDTH + 2 * rim) * self.scale), round((HEIGHT + 2 * rim) * self.scale)


def place_on(width: float, height: float, least: float = LEAST) -> Place:
    """Return the place of the label on a picture: the lower right corner, at most half of the width."""
    letters = max(least, SHARE * min(width, height))
    scale = min(letters / HEIGHT, width / 2 / WIDTH)
    margin = 0.5 * HEIGHT * scale
    return Place(max(0, width - WIDTH * scale - margin), max(0, height - HEIGHT * scale - margin), scale)


def with_visible_label(file: EncodedImage, credentials: Credentials | None = None) -> EncodedImage:
    """Return the file with the visible label and all it had, signed anew.

    Raises ValueError for a kind without a way to show it, OutsideRefused.
    """
    draw = _on_layers if file.data[:4] == b"8BPS" else _on_drawing if svg.is_mine(file.data) else _on_pixels
    label = read(file.data)
    return signed(labelled(EncodedImage(draw(file.data), file.content_type), label), label, credentials)


def drawn_on(picture: Image.Image) -> Image.Image:
    """Return the picture with the visible label; it stays in its mode if that has 8 bits for each channel."""
    result = picture if picture.mode in PLAIN_MODES else picture.convert("RGB")
    result = result.copy()
    place = place_on(*result.size)
    words, rim = _stamp(place)
    corner = (round(place.left - 2 * PEN * place.scale), round(place.top - 2 * PEN * place.scale))
    box = (*corner, corner[0] + words.width, corner[1] + words.height)
    patch = result.crop(box).convert("RGBA" if "A" in result.mode else "RGB")
    patch.paste("black", mask=rim)
    patch.paste("white", mask=words)
    result.paste(patch.convert(result.mode), box[:2])
    return result


def _stamp(place: Place) -> tuple[Image.Image, Image.Image]:
    """Return the words and their dark rim, as masks."""
    pen, scale = PEN * place.scale * FINER, place.scale * FINER
    width, height = place.size
    sheet = Image.new("L", (width * FINER, height * FINER))
    draw = ImageDraw.Draw(sheet)
    for stroke in strokes():
        points = [((x + 2 * PEN) * scale, (y + 2 * PEN) * scale) for x, y in stroke]
        draw.line(points, fill=255, width=max(1, round(pen)), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    words = sheet.resize((width, height), Image.Resampling.BOX)
    wide = words.filter(ImageFilter.GaussianBlur(max(0.8, PEN * place.scale * 0.7)))
    return words, wide.point([min(HALO, 3 * value) for value in range(256)])


def _on_pixels(data: bytes) -> bytes:
    """Draw on a picture and store it as it was; a JPEG keeps its own tables, so that nothing else of it changes."""
    picture = Image.open(io.BytesIO(data))
    kind, info = picture.format or "", {name: picture.info[name] for name in KEPT if picture.info.get(name)}
    result = drawn_on(picture)
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"qtables": getattr(picture, "quantization", None), "subsampling": 0, "optimize": True},
        "PNG": {"compress_level": 4},
        "WEBP": {"lossless": True, "method": 2},
        "TIFF": {"compression": "tiff_lzw"},
    }
    out = io.BytesIO()
    result.info = {}
    result.save(out, kind, **options[kind], **info)
    return out.getvalue()


class _Document(PSDImage):
    """A document that keeps its flat picture, instead of the library's rendering of the layers."""

    def _update_preview(self) -> None:
        pass


def _on_layers(data: bytes) -> bytes:
    """Add a layer above all others, and draw on the flat picture that other programs show."""
    document = _Document.open(io.BytesIO(data))
    flat = document.topil()
    words, rim = _stamp(place := place_on(*document.size))
    corner = (round(place.left - 2 * PEN * place.scale), round(place.top - 2 * PEN * place.scale))
    patch = Image.new("RGBA", words.size)
    patch.paste("black", mask=rim)
    patch.alpha_composite(_inked(words))
    layer = document.create_pixel_layer(patch, "label", top=corner[1], left=corner[0])
    layer.name = LAYER
    if flat is not None and flat.mode in {"RGB", "RGBA"}:
        _replace_flat(document, drawn_on(flat))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _inked(words: Image.Image) -> Image.Image:
    ink = Image.new("RGBA", words.size, "white")
    ink.putalpha(words)
    return ink


def _replace_flat(document: PSDImage, flat: Image.Image) -> None:
    record = document._record  # noqa: SLF001 - psd-tools has no public way to set the flat picture
    channels = [channel.tobytes() for channel in flat.split()][: record.header.channels]
    record.image_data.set_data(channels, record.header)


def _on_drawing(data: bytes) -> bytes:
    """Add the words as paths above everything else. Raises ValueError if the drawing has no size."""
    end = data.rfind(b"</svg>")
    x, y, width, height = _view_box(data)
    if end < 0:
        raise ValueError("an SVG without an end")
    place = place_on(width, height, least=0)
    left, top, scale = x + place.left, y + place.top, place.scale
    lines = " ".join(
        "M" + " L".join(f"{left + across * scale:.2f} {top + down * scale:.2f}" for across, down in stroke)
        for stroke in strokes()
    )
    pen = PEN * scale
    shape = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    group = (
        f'<g id="ai-label" {shape}><title>{LAYER}</title>'
        f'<path d="{lines}" stroke="#000" stroke-opacity="0.6" stroke-width="{2.2 * pen:.2f}"/>'
        f'<path d="{lines}" stroke="#fff" stroke-width="{pen:.2f}"/></g>'
    )
    return applied(data, [Edit(end, end, group.encode("ascii", "xmlcharrefreplace"))])


def _view_box(data: bytes) -> tuple[float, float, float, float]:
    root = data[data.find(b"<svg") :][: svg.HEAD].partition(b">")[0]
    try:
        if box := VIEW_BOX.search(root):
            x, y, width, height = (float(number) for number in box[1].replace(b",", b" ").split())
        else:
            sides = {name: float(number) for name, number in SIDE.findall(root)}
            x, y, width, height = 0, 0, sides[b"width"], sides[b"height"]
    except (KeyError, ValueError) as error:
        raise ValueError("an SVG without a size") from error
    return x, y, width, height
