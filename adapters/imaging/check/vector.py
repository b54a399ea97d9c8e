"""Facts about a drawing: rendered from the file itself, it looks like the original; it runs and loads nothing."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import resvg_py
from PIL import Image

from adapters.imaging.arrays import Mask, Pixels, pixels_of
from adapters.imaging.check.facts import Fact, FailureKind, at_most, must
from adapters.imaging.check.pair import Pair
from adapters.imaging.encode import flattened
from domain.texts.phrase import said

SIDE = 480  # pixels
ENTITIES = re.compile(rb"<!ENTITY|<!DOCTYPE[^>]*\[", re.IGNORECASE)
ACTIVE = {"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "animate", "set", "handler"}
BITMAPS, SHAPES = {"image", "feImage"}, {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
LOADS = re.compile(r"@import|javascript:|url\(\s*['\"]?(?!['\"]?#)", re.IGNORECASE)
VIEW_DIFFERS = 6  # grey levels
LEVELS, MAIN, FLAT_COLOURS, FLAT_SHARE = 8, 0.004, 24, 0.9  # what is flat art: few colours cover most of it
UNLIKE_FLAT, UNLIKE_PHOTO = 12, 26  # grey levels on average
LARGE, COLOUR_LOST = 0.02, 60  # share of a colour that must be kept, and by how many grey levels it may be off
FILE = FailureKind.FILE


@dataclass
class Contents:
    """What an SVG is made of."""

    shapes: int = 0
    forbidden: set[str] = field(default_factory=set)
    has_bitmap: bool = False
    has_text: bool = False


def drawing(pair: Pair) -> list[Fact]:
    """All facts about the drawing."""
    found = contents(pair.file.data)
    if found is None:
        return [must("svg_opens", False, FILE, said("check.svg_broken"))]
    facts = [
        must("has_paths", found.shapes > 0, FILE, said("check.svg_empty"), paths=found.shapes),
        must("has_no_bitmap", not found.has_bitmap, FILE, said("check.svg_bitmap")),
        must(
            "is_passive", not found.forbidden, FILE, said("check.svg_active", what=", ".join(sorted(found.forbidden)))
        ),
        must("is_outlined", not found.has_text, FILE, said("check.svg_text")),
    ]
    return [*facts, *_looks(pair)] if all(fact.is_fine for fact in facts) else facts


def contents(data: bytes) -> Contents | None:
    """Return what an SVG is made of; None if it is none. Nothing in it is resolved or loaded."""
    if ENTITIES.search(data):  # they may grow without limit
        return Contents(1, {"ENTITY"})
    found = Contents()
    try:
        events = ET.iterparse(io.BytesIO(data), events=("start", "end"))  # noqa: S314 - without entities
        for number, (event, element) in enumerate(events):
            if number == 0 and _name(element.tag) != "svg":
                return None
            if event == "end":
                _note(found, element)
                element.clear()
    except ET.ParseError:
        return None
    return found


def _note(found: Contents, element: ET.Element) -> None:
    name = _name(element.tag)
    found.shapes += name in SHAPES
    found.has_bitmap |= name in BITMAPS
    found.has_text |= name == "text"
    found.forbidden |= {name} & ACTIVE
    found.forbidden |= {_name(key) for key, value in element.attrib.items() if _is_active(_name(key), value)}
    if name == "style" and LOADS.search(element.text or ""):
        found.forbidden.add("style")


def _is_active(key: str, value: str) -> bool:
    is_link = key in {"href", "src"} and not value.startswith("#") and not value.startswith("data:image")
    return key.lower().startswith("on") or is_link or bool(LOADS.search(value))


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _looks(pair: Pair) -> Iterator[Fact]:
    scale = min(1.0, SIDE / max(pair.before.size))
    size = (max(1, round(pair.before.width * scale)), max(1, round(pair.before.height * scale)))
    try:
        png = resvg_py.svg_to_bytes(svg_string=pair.file.data.decode(), width=2 * size[0], skip_system_fonts=True)
        drawn = flattened(Image.open(io.BytesIO(bytes(png))))
    except (ValueError, OSError):
        yield must("svg_opens", False, FILE, said("check.svg_broken"))
        return
    old, view = (cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) for pixels in (pair.full_old, pair.full_new))
    new = cv2.resize(pixels_of(drawn.convert("RGB")), size, interpolation=cv2.INTER_AREA)
    differs = float(cv2.absdiff(new, view).mean())
    yield at_most("view_differs", differs, VIEW_DIFFERS, FILE, said("check.svg_view"))
    yield from fidelity(old, new)


def fidelity(old: Pixels, new: Pixels) -> Iterator[Fact]:
    """How much a drawing looks like the original: closely for flat art, roughly for a photograph."""
    colours, share = main_colours(old)
    is_flat = len(colours) <= FLAT_COLOURS and share >= FLAT_SHARE
    limit = UNLIKE_FLAT if is_flat else UNLIKE_PHOTO
    soft_old, soft_new = (cv2.GaussianBlur(pixels, (0, 0), 1.5).astype(np.float32) for pixels in (old, new))
    difference = np.abs(soft_old - soft_new).max(axis=2)
    issue = said("check.svg_unlike")
    yield at_most("unlike", float(difference.mean()), limit, FailureKind.CONTENT, issue, is_flat=is_flat)
    kernel = np.ones((5, 5), np.uint8)
    inner = [cv2.erode(part.astype(np.uint8), kernel) > 0 for part in colours if part.mean() >= LARGE]
    lost = max((float(np.median(difference[part])) for part in inner if part.any()), default=0.0)
    if is_flat:
        yield at_most("colour_lost", lost, COLOUR_LOST, FailureKind.TONE, said("check.svg_colours"))


def main_colours(pixels: Pixels) -> tuple[list[Mask], float]:
    """Return where each of the main colours is, and the share that they cover together."""
    coarse = pixels // (256 // LEVELS)
    codes = (coarse[..., 0].astype(int) * LEVELS + coarse[..., 1]) * LEVELS + coarse[..., 2]
    counts = np.bincount(codes.ravel(), minlength=LEVELS**3) / codes.size
    main = np.flatnonzero(counts >= MAIN)
    return [codes == code for code in main], float(counts[main].sum())
