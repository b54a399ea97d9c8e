"""The colours of our pages, by day and by night: every text can be read on everything that it stands on."""

import re
from pathlib import Path

import pytest

from runtime.paths import ROOT

FILES = (
    "simulators/templates/*.html",
    "simulators/static/*.css",
    "gateway/pages/*.css",
    "gateway/history_page/static/*.css",
    "gateway/staff_board/static/*.css",
)
PAGES = [
    path for pattern in FILES for path in sorted(ROOT.glob(pattern)) if "--ink: " in path.read_text(encoding="utf-8")
]
ENOUGH = 4.5  # of text, by WCAG 2 AA
TEXTS, GROUNDS = ("ink", "faint", "accent", "bad"), ("paper", "ground", "mine")
COLOUR = re.compile(r"--([\w-]+): *(#[0-9a-f]{3,6})\b")


def palettes(path: Path) -> list[dict[str, str]]:
    """The colours of each `:root`; a later one stands on the first."""
    found = [
        dict(COLOUR.findall(block)) for block in re.findall(r":root \{([^}]*)\}", path.read_text(encoding="utf-8"))
    ]
    return [found[0] | later for later in found]


def lightness(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((lightness(one), lightness(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert round(contrast("#6b7280", "#f3f4f6"), 2) == 4.39
    assert contrast("#000", "#fff") == 21


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.name))
def test_every_text_can_be_read_on_every_ground(path: Path) -> None:
    for colours in palettes(path):
        pairs = [(text, ground) for text in TEXTS for ground in GROUNDS if text in colours and ground in colours]
        assert pairs
        weak = {pair: contrast(*map(colours.__getitem__, pair)) for pair in pairs}
        assert not {pair: found for pair, found in weak.items() if found < ENOUGH}
