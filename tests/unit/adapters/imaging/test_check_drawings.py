"""What the check says about SVG files."""

import io

import pytest
import resvg_py
from PIL import Image, ImageDraw

from adapters.imaging.check.facts import worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.vector import drawing
from adapters.imaging.drawings import drawn_within
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, Wish
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.active_drawings import ACTIVE_PARTS
from tests.unit.adapters.imaging.pictures import encoded

SHAPES = (
    '<path d="M0 0H200V150H0Z" fill="#fff"/><path d="M20 20H120V120H20Z" fill="#c01828"/>'
    '<path d="M140 60H190V140H140Z" fill="#1840b0"/>'
)
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 150">'
GOOD = f"{HEAD}{SHAPES}</svg>"


def logo() -> Image.Image:
    picture = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(picture).rectangle((40, 40, 239, 239), fill="#c01828")
    ImageDraw.Draw(picture).rectangle((280, 120, 379, 279), fill="#1840b0")
    return picture


def rendered(svg: str) -> Image.Image:
    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=400)))).convert("RGB")


def issue(svg: str | bytes, view: Image.Image | None = None) -> str:
    file = EncodedImage(svg.encode() if isinstance(svg, str) else svg, "image/svg+xml")
    shown = encoded(view or rendered(GOOD))
    worst = worst_of(drawing(Pair(encoded(logo()), file, shown, Wish(Operation.VECTORIZE, ""), Limits())))
    return worst.issue.phrase if worst else ""


def test_a_good_drawing_is_fine() -> None:
    assert issue(GOOD) == ""
    assert issue(f'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">{GOOD}') == ""


@pytest.mark.parametrize("inside", ACTIVE_PARTS)
def test_what_runs_or_loads_something_is_caught(inside: str) -> None:
    assert issue(f"{HEAD}{SHAPES}{inside}</svg>") == "check.svg_active"


def test_a_reference_inside_the_file_is_fine() -> None:
    gradient = '<linearGradient id="g"><stop stop-color="#c01828"/></linearGradient>'
    for place in ("url(#g)", "url('#g')"):
        assert issue(f"{HEAD}{gradient}{SHAPES.replace('#c01828', place)}</svg>") == ""


def test_notes_and_names_of_the_program_that_wrote_the_file_are_fine() -> None:
    note = "<?xpacket begin=''?><metadata xmlns:ontology='http://example.com/'>@import nothing</metadata>"
    assert issue(f"{HEAD}{note}{SHAPES}</svg>") == ""


def test_a_drawing_is_drawn_with_its_longer_side_as_long_as_asked() -> None:
    for box, size in (("0 0 200 150", (400, 300)), ("0 0 150 200", (300, 400)), ("0 0 137 200", (274, 400))):
        png = drawn_within(GOOD.replace("0 0 200 150", box).encode(), 400)
        assert Image.open(io.BytesIO(png)).size == size


@pytest.mark.parametrize(
    ("svg", "phrase"),
    [
        (f"{HEAD}{SHAPES}<image href='data:image/png;base64,AA=='/></svg>", "check.svg_bitmap"),
        (f"{HEAD}</svg>", "check.svg_empty"),
        (f"{HEAD}{SHAPES}<text>hello</text></svg>", "check.svg_text"),
        (f"{HEAD}{SHAPES}", "check.svg_broken"),
        ("<html><path/></html>", "check.svg_broken"),
        (b"\x89PNG", "check.svg_broken"),
        (f'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]>{GOOD}', "check.svg_active"),
    ],
    ids=["bitmap", "empty", "text", "cut off", "html", "png", "entities"],
)
def test_another_kind_of_file_is_caught(svg: str | bytes, phrase: str) -> None:
    assert issue(svg) == phrase


def test_a_preview_that_is_not_of_the_file_is_caught() -> None:
    assert issue(GOOD, Image.new("RGB", (400, 300), "black")) == "check.svg_view"


@pytest.mark.parametrize(
    "spoiled",
    [SHAPES.replace("#c01828", "#1840b0"), SHAPES.replace("M140 60", "M20 20"), SHAPES.replace("#1840b0", "#fff")],
)
def test_a_drawing_of_something_else_or_without_a_colour_is_caught(spoiled: str) -> None:
    svg = f"{HEAD}{spoiled}</svg>"
    assert issue(svg, rendered(svg)) in {"check.svg_unlike", "check.svg_colours"}
