"""Facts about an edit: what was asked for is there, and the rest is the original's.

Only wishes that are understood are measured: the colour of a background, and tones of the whole picture.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging import measure
from adapters.imaging.arrays import Mask, Pixels, at_most, grey_of
from adapters.imaging.check.facts import Fact, FailureKind, at_least, must
from adapters.imaging.check.facts import at_most as limited
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.wishes import changes_of
from adapters.imaging.edit_patterns import COLOURS
from adapters.imaging.edit_words import read
from adapters.imaging.edits import BACKGROUNDS
from adapters.imaging.networks.cut_out import salience
from domain.texts.phrase import said

SIDE = 640  # pixels
BEHIND, BEFORE = 0.05, 0.9  # salience of what surely is background, and subject
ENOUGH = 0.03  # share of the picture
COVERED = 0.75  # share of the background that has to have the colour
GREYISH, COLOURED, HUE = 14, 18, 35  # chroma in CIELAB, and degrees of hue
DARKEST_WHITE, LIGHTEST_BLACK = 82, 25  # lightness
SUBJECT_UNLIKE, SUBJECT_COLOUR = 0.3, 32  # of the correlation, and grey levels
REST_UNLIKE = 0.2
NO_COLOUR = 0.05
LEAST_CHANGE = 0.012  # of each measure: a smaller change is not seen
CONTENT = FailureKind.CONTENT
_NAMES = "|".join(sorted(map(re.escape, COLOURS), key=len, reverse=True))
_GROUND = "(?:背景|底色|底|background|backdrop)"
_KIND = r"(?:一个|个|纯|正|大|浅|淡|深|an?\s|plain\s|pure\s|solid\s|light\s|dark\s|\s)*"
_END = r"色?的?(?:背景|底色?)?[吧呢哈]?(?=\s*(?:$|[\n,.;!，。；！]|and\b))"
INTO = re.compile(rf"{_GROUND}[^\n]{{0,6}}?(?:成|为|用|要|变|to|into|is|be|\s){_KIND}({_NAMES}){_END}")
NAMED = re.compile(rf"({_NAMES})色?的?\s?{_GROUND}")


@dataclass(frozen=True)
class Parts:
    """Both pictures, small, and where the original's background and subject surely are."""

    old: Pixels
    new: Pixels
    behind: Mask
    subject: Mask


def edited(pair: Pair) -> list[Fact]:
    """The facts of the wishes that are understood."""
    words = read(pair.wish.prompt)
    colour = words.background if words.is_whole else wanted_background(changes_of(pair.wish))
    parts = pair.once(_parts) if colour else None
    facts = background(parts, colour) if parts and colour else []
    if parts and words.is_whole and not words.tones:
        facts += same_subject(parts)
    if words.is_whole and words.tones:
        facts += [fact for tone in dict.fromkeys(words.tones) for fact in toned(pair, tone)]
        facts += [] if colour else the_rest(pair)
    return facts


def wanted_background(words: str) -> str:
    """Return the one background colour that a longer wish names; empty in doubt."""
    found = {COLOURS[name] for name in INTO.findall(words)} or {COLOURS[name] for name in NAMED.findall(words)}
    return found.pop() if len(found) == 1 else ""


def background(parts: Parts, colour: str) -> list[Fact]:
    """Whether the background has the colour that was asked for."""
    if parts.behind.mean() < ENOUGH:
        return []
    lab = cv2.cvtColor(parts.new.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[parts.behind]
    covered = float(is_colour(lab, colour).mean())
    issue = said("check.background_colour", colour=said(f"check_colour.{colour}"), percent=round(100 * covered))
    return [at_least("background_colour", covered, COVERED, FailureKind.REQUEST, issue)]


def is_colour(lab: Pixels, colour: str) -> Mask:
    """Return which colours people would call by this name. CIELAB, lightness 0 to 100."""
    light, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    if colour in {"white", "black", "grey"}:
        ranges = {"white": (DARKEST_WHITE, 101), "black": (-1, LIGHTEST_BLACK), "grey": (LIGHTEST_BLACK, 92)}
        low, high = ranges[colour]
        named: Mask = (chroma < GREYISH) & (light > low) & (light <= high)
        return named
    target = np.array([[BACKGROUNDS[colour]]], np.float32) / 255
    _, green_red, blue_yellow = cv2.cvtColor(target, cv2.COLOR_RGB2LAB)[0, 0]
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]) - np.arctan2(blue_yellow, green_red))
    near: Mask = np.abs((hue + 180) % 360 - 180) < HUE
    return near & (chroma > (COLOURED if colour != "pink" else GREYISH / 2))


def same_subject(parts: Parts) -> list[Fact]:
    """Whether the subject before the new background is still the original's."""
    if parts.subject.mean() < ENOUGH:
        return []
    old, new = (cv2.GaussianBlur(grey_of(pixels), (0, 0), 1.5)[parts.subject] for pixels in (parts.old, parts.new))
    change = float(np.abs(parts.old[parts.subject].astype(np.float32) - parts.new[parts.subject]).max(axis=1).mean())
    issue = said("check.edit_subject")
    facts = [limited("subject_colour", change, SUBJECT_COLOUR, CONTENT, issue)]
    if old.std() > GREYISH:
        likeness = float(np.corrcoef(old, new)[0, 1]) if new.std() > 1 else 0.0
        facts.append(limited("subject_unlike", 1 - likeness, SUBJECT_UNLIKE, CONTENT, issue))
    return facts


def _saturation(pixels: Pixels) -> float:
    return measure.colourfulness(pixels) / 100


MEASURED: dict[str, tuple[Callable[[Pixels], float], int]] = {
    "brighter": (lambda pixels: float(pixels.mean()) / 255, 1),
    "darker": (lambda pixels: float(pixels.mean()) / 255, -1),
    "contrast": (lambda pixels: float(grey_of(pixels).std()) / 128, 1),
    "flatter": (lambda pixels: float(grey_of(pixels).std()) / 128, -1),
    "warmer": (lambda pixels: float(pixels[..., 0].mean() - pixels[..., 2].mean()) / 255, 1),
    "cooler": (lambda pixels: float(pixels[..., 0].mean() - pixels[..., 2].mean()) / 255, -1),
    "vivid": (_saturation, 1),
    "muted": (_saturation, -1),
}


def toned(pair: Pair, tone: str) -> list[Fact]:
    """Whether the picture became what was asked for: brighter, warmer and so on."""
    issue = said("check.edit_not_done", wish=said(f"check_tone.{tone}"))
    if tone not in MEASURED:
        return [must("is_monochrome", _saturation(pair.new) < NO_COLOUR, FailureKind.REQUEST, issue)]
    of, direction = MEASURED[tone]
    before, after = of(at_most(pair.old, SIDE)), of(at_most(pair.new, SIDE))
    return [at_least(f"{tone}_by", max(0.0, direction * (after - before)), LEAST_CHANGE, FailureKind.REQUEST, issue)]


def the_rest(pair: Pair) -> list[Fact]:
    """Whether an edit of tones left everything where it was."""
    old, new = (cv2.GaussianBlur(luma, (0, 0), 2)[pair.valid] for luma in (pair.old_luma, pair.new_luma))
    if old.std() < GREYISH or new.std() < 1:
        return []
    likeness = float(np.corrcoef(old, new)[0, 1])
    return [limited("rest_unlike", 1 - likeness, REST_UNLIKE, CONTENT, said("check.edit_rest"))]


def _parts(pair: Pair) -> Parts:
    old, new = at_most(pair.old, SIDE), at_most(pair.new, SIDE)
    seen = cv2.resize(salience(old), old.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    kernel = np.ones((7, 7), np.uint8)
    behind, subject = (cv2.erode(part.astype(np.uint8), kernel) > 0 for part in (seen < BEHIND, seen > BEFORE))
    return Parts(old, new, behind, subject)
