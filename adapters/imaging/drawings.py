"""What an SVG is made of, and how it is drawn. Nothing in it is resolved, loaded or run."""

import io
import re
from dataclasses import dataclass, field
from xml.parsers import expat

import resvg_py
from PIL import Image

ACTIVE = {
    "script", "foreignObject", "iframe", "object", "embed", "audio", "video", "handler", "set", "animate",
    "animateColor", "animateMotion", "animateTransform", "discard",
}  # fmt: skip
BITMAPS, SHAPES = {"image", "feImage"}, {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
LOADS = re.compile(r"@import|javascript:|url\(\s*['\"]?(?!['\"]?#)", re.IGNORECASE)
LINKS, INSIDE = {"href", "src"}, ("#", "data:image/")  # where links may lead
SMALL = 64  # pixels


@dataclass
class Contents:
    """What an SVG is made of; `forbidden` names what runs something or loads it from elsewhere."""

    shapes: int = 0
    forbidden: set[str] = field(default_factory=set)
    has_bitmap: bool = False
    has_text: bool = False


def contents(data: bytes) -> Contents:
    """Return what an SVG is made of. Raises ValueError if it is none."""
    return _Reading(data).found


def drawn(data: bytes, width: int | None = None, height: int | None = None) -> bytes:
    """Draw an SVG as a PNG of a width or a height in pixels, without the fonts of this machine. Raises ValueError."""
    text = data.decode("utf-8-sig")
    return bytes(resvg_py.svg_to_bytes(svg_string=text, width=width, height=height, skip_system_fonts=True))


def drawn_within(data: bytes, side: int) -> bytes:
    """Draw an SVG as a PNG whose longer side has so many pixels. Raises ValueError."""
    width, height = Image.open(io.BytesIO(drawn(data, SMALL))).size
    return drawn(data, width=side) if width >= height else drawn(data, height=side)


class _Reading:
    """One pass over an SVG. What it declares or includes is refused before it could grow."""

    def __init__(self, data: bytes) -> None:
        self.found = Contents()
        self._style: list[str] | None = None
        self._is_begun = False
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._started, self._ended
        parser.CharacterDataHandler = self._written
        parser.EntityDeclHandler = self._declared
        parser.ProcessingInstructionHandler = self._instructed
        try:
            parser.Parse(data, True)
        except _EntityFound:
            self.found.forbidden.add("ENTITY")
        except expat.ExpatError as error:
            raise ValueError(str(error)) from error

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        name = _plain(tag)
        if not self._is_begun and name != "svg":
            raise ValueError(f"{name} is no drawing")
        self._is_begun = True
        self.found.shapes += name in SHAPES
        self.found.has_bitmap |= name in BITMAPS
        self.found.has_text |= name == "text"
        self.found.forbidden |= {name} & ACTIVE
        self.found.forbidden |= {_plain(key) for key, value in attributes.items() if _is_active(key, value)}
        if name == "style":
            self._style = []

    def _ended(self, tag: str) -> None:
        if _plain(tag) == "style" and self._style is not None:
            if LOADS.search("".join(self._style)):
                self.found.forbidden.add("style")
            self._style = None

    def _written(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def _declared(self, *_: object) -> None:
        raise _EntityFound

    def _instructed(self, target: str, _: str) -> None:
        if target == "xml-stylesheet":  # others are notes of the program that wrote the file
            self.found.forbidden.add(target)


class _EntityFound(Exception):
    """Entities may grow without limit."""


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


def _is_active(key: str, value: str) -> bool:
    if key.startswith("xmlns"):
        return False
    name = _plain(key).lower()
    is_link = name in LINKS and not value.strip().startswith(INSIDE)
    return name.startswith("on") or is_link or LOADS.search(value) is not None
