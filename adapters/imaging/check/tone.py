"""Facts about colour and light over the whole picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging import align
from adapters.imaging.arrays import Mask
from adapters.imaging.check.facts import Fact, FailureKind, at_least, at_most, must
from adapters.imaging.check.monochrome import is_monochrome
from adapters.imaging.check.pair import Pair
from domain.texts.phrase import said

TONE = FailureKind.TONE
ORDER = 0.5  # correlation of the lightness
SAME_COLOUR = (0.85, 1.2)  # times the mean colour that count as the same
DEEPER = 3.0  # times the mean colour of a faded photograph
BLACK, WHITE = 2, 253  # grey levels
EVEN = 2.0  # deviation of the lightness below which there is none to compare
FINE = 1.5  # pixels at half the flow size: grain is no colour
TINTED = 10.0  # cast of a monochrome photograph that nobody coloured
LIGHTEST, YELLOWED = 95, 8.0  # percentile of the lightness; chroma of paper that has yellowed
BEYOND = 6.0  # how far the lightest parts may be on the other side of neutral; the sky in them is no cast


@dataclass(frozen=True)
class ToneLimits:
    """How much colour and light may change."""

    cast: float = 7.0  # mean of a and b (CIELAB), apart from more or less of the same colour
    shift: float = 10.0  # mean of a and b in all
    pale: float = 0.45  # times the original's colour
    gaudy: float = 1.75
    hues: float = 0.6  # correlation of a and b
    colourful: float = 5.0  # deviation of a and b from which a picture has colours to lose
    light: float = 14.0  # mean lightness, of 100
    flat: float = 0.65  # times the original's contrast
    hard: float = 1.7
    clipped: float = 0.14  # additional share of the picture


KEPT = ToneLimits()
RESTORED = ToneLimits(cast=24, pale=0.5, gaudy=4.5, hues=0.35, colourful=2.5, light=25, flat=0.88, hard=3, clipped=0.25)


@dataclass(frozen=True)
class Tones:
    """Lightness, a and b (CIELAB) of both pictures where they overlap, as columns."""

    old: Mask
    new: Mask


def tones(pair: Pair) -> Tones:
    """Return the colours of the aligned pair, at flow size."""
    size = align.size_of(pair.old, align.FLOW_PIXELS // 2)
    valid = cv2.resize(pair.valid.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    small = (cv2.GaussianBlur(align.scaled(one, size), (0, 0), FINE) for one in (pair.old, pair.new))
    old, new = (cv2.cvtColor(one.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[valid] for one in small)
    return Tones(old, new)


def order(pair: Pair) -> list[Fact]:
    """Whether light is still light and dark still dark."""
    both = pair.once(tones)
    if both.old[:, 0].std() < EVEN:
        return []
    likeness = _correlation(both.old[:, 0], both.new[:, 0])
    return [at_least("light_order", likeness, ORDER, TONE, said("check.inverted"))]


def blank(pair: Pair) -> list[Fact]:
    """Whether there is anything to see, if there was in the original."""
    both = pair.once(tones)
    is_blank = both.new[:, 0].std() < EVEN / 2 and both.old[:, 0].std() >= EVEN
    return [must("not_blank", not is_blank, FailureKind.CONTENT, said("check.blank"))]


def colour(pair: Pair) -> list[Fact]:
    """Whether the colours are the original's: none lost, no cast, none exchanged."""
    both = pair.once(tones)
    moved = float(np.linalg.norm(both.new[:, 1:].mean(axis=0) - both.old[:, 1:].mean(axis=0)))
    return [
        at_most("colour_cast", _cast(both), KEPT.cast, TONE, said("check.cast")),
        at_most("colour_shift", moved, KEPT.shift, TONE, said("check.cast")),
        *_colours(both, KEPT),
    ]


def restored_colour(pair: Pair) -> list[Fact]:
    """Whether an old photograph's colours were kept or came back; its yellowing may go, and a tint is no colour."""
    both = pair.once(tones)
    old, new = (lab[:, 1:].mean(axis=0) for lab in (both.old, both.new))
    left = float(np.clip(old @ new / max(float(old @ old), 1e-6), 0, DEEPER))  # of the tint; or it was faded colour
    is_toned = pair.of_original(is_monochrome) and _spread(_untinted(both.new)) < RESTORED.colourful
    limit = TINTED if is_toned else RESTORED.cast
    facts = [
        at_most("colour_cast", float(np.linalg.norm(new - left * old)), limit, TONE, said("check.cast")),
        *_lightest(both),
    ]
    if pair.of_original(is_monochrome):
        return facts  # what colours it has are yellowing and stains
    return [*facts, *_colours(Tones(_untinted(both.old), _untinted(both.new)), RESTORED)]


def _lightest(both: Tones) -> list[Fact]:
    """How far what is lightest went beyond neutral, if it had yellowed: bleached paper becomes white, not blue."""
    where = both.old[:, 0] >= np.percentile(both.old[:, 0], LIGHTEST)
    old, new = (np.median(lab[where, 1:], axis=0) for lab in (both.old, both.new))
    chroma = float(np.linalg.norm(old))
    if chroma < YELLOWED:
        return []
    beyond = max(0.0, -float(new @ old) / chroma)
    return [at_most("highlights_beyond_neutral", beyond, BEYOND, TONE, said("check.blue_whites"))]


def light(pair: Pair) -> list[Fact]:
    """Whether brightness and contrast are about the original's, with nothing clipped."""
    return _lights(pair, KEPT)


def restored_light(pair: Pair) -> list[Fact]:
    """Whether brightness and contrast of a faded photograph came back within reason."""
    return _lights(pair, RESTORED)


def _colours(both: Tones, limits: ToneLimits) -> list[Fact]:
    spread = _spread(both.old)
    if spread < limits.colourful:
        return []
    gain = _spread(both.new) / spread
    hues = min(_correlation(both.old[:, channel], both.new[:, channel]) for channel in _telling(both.old))
    return [
        at_least("colour_kept", gain, limits.pale, TONE, said("check.pale")),
        at_most("colour_gain", gain, limits.gaudy, TONE, said("check.gaudy")),
        at_least("hues", hues, limits.hues, TONE, said("check.hues")),
    ]


def _lights(pair: Pair, limits: ToneLimits) -> list[Fact]:
    both = pair.once(tones)
    change = abs(float(both.new[:, 0].mean() - both.old[:, 0].mean()))
    lost = max(0.0, _at_the_ends(pair.new, pair.valid) - _at_the_ends(pair.old, pair.valid))
    facts = [
        at_most("light_change", change, limits.light, TONE, said("check.brightness")),
        at_most("clipped", lost, limits.clipped, TONE, said("check.light")),
    ]
    deviation = float(both.old[:, 0].std())
    if deviation < EVEN:
        return facts
    gain = float(both.new[:, 0].std()) / deviation
    return [
        *facts,
        at_least("contrast_kept", gain, limits.flat, TONE, said("check.flat")),
        at_most("contrast_gain", gain, limits.hard, TONE, said("check.hard")),
    ]


def _cast(both: Tones) -> float:
    """Return how far the mean colour moved, apart from becoming more or less of the same."""
    old, new = both.old[:, 1:].mean(axis=0), both.new[:, 1:].mean(axis=0)
    gain = float(np.clip(old @ new / max(float(old @ old), 1e-6), *SAME_COLOUR))
    return float(np.linalg.norm(new - gain * old))


def _untinted(lab: Mask) -> Mask:
    """Return the colours without the part that follows from the lightness, as in a toned or yellowed photograph."""
    basis = np.stack([np.ones(len(lab), np.float32), lab[:, 0], lab[:, 0] ** 2 / 100], axis=1)
    tint = basis @ np.linalg.lstsq(basis[::7], lab[::7, 1:], rcond=None)[0]
    return np.hstack([lab[:, :1], lab[:, 1:] - tint])


def _at_the_ends(pixels: Mask, valid: Mask) -> float:
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[valid]
    return float(((luma < BLACK) | (luma > WHITE)).mean())


def _spread(lab: Mask) -> float:
    return float(np.hypot(lab[:, 1].std(), lab[:, 2].std()))


def _telling(lab: Mask) -> list[int]:
    """Return the colour channels that vary: 1 for a, 2 for b."""
    deviations = {channel: lab[:, channel].std() for channel in (1, 2)}
    return [channel for channel, deviation in deviations.items() if deviation > max(deviations.values()) / 2]


def _correlation(first: Mask, second: Mask) -> float:
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((first * first).sum() * (second * second).sum()))
    return float((first * second).sum()) / norm if norm > 0 else 0.0
