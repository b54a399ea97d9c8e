"""Facts about technical quality, measured against the original: noise, compression blocks, blur, lost texture."""

import re

import cv2
import numpy as np

from adapters.imaging import align, measure
from adapters.imaging.arrays import Grey, Mask, Pixels, grey_of
from adapters.imaging.check.facts import Fact, FailureKind, at_least, at_most
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.wishes import changes_of
from domain.texts.phrase import said

DAMAGE = FailureKind.DAMAGE
NATIVE_PIXELS = 1_500_000  # of the result's own pixels, from its middle: resampling would hide noise and blocks
SMOOTHEST, SMOOTH = 15, 2.5  # percent of the picture; grey levels of activity in a picture with smooth parts
NOISE = 4.5  # grey levels more than in the original
SPECKLES, SPECKLE = 0.002, 60  # share of the pixels, and grey levels that make one
BLOCKS = 0.95  # how much stronger steps are on the grid of 8 pixels, relative to the others and 1 grey level
RUNNING, LEAST_RUNNING = 1.2, 0.01  # grey levels a pixel; share of the picture
LEVEL_STEPS = 0.3  # additional share of pixels equal to their neighbours
SHARP = 0.72  # times the original's edges
LEAST_KEPT, MOST_GAINED = 30, 70  # percentiles of the tiles
DETAIL, HALOS = 0.83, 1.6  # times the original's texture
RESTORED_DETAIL, RESTORED_HALOS, RESTORED_STRIPES = 0.8, 2.2, 9
ABOUT_SOFTNESS = re.compile(r"虚化|模糊|柔|朦胧|磨皮|景深|雾|blur|soft|bokeh|smooth|fog|mist")
TILE = 12  # pixels at working size
TEXTURED_SHARE, RESTORED_TEXTURED = 0.1, 0.3  # of the tiles: scratches alone are no texture
PART, PART_KEPT, RESTORED_PART, RESTORED_PART_KEPT = 2, 0.7, 3, 0.2  # tiles on a side; times the usual gain
FEW = 6  # squares
WHOLE = 0.99  # share of a tile that is covered
GRAIN_IN_BAND = 0.24  # deviation of white noise of 1 in the middle band
STRIPES = 3.5  # grey levels
TEXTURED = 2.5  # grey levels of deviation in the middle band


def native(pair: Pair) -> tuple[Pixels, Pixels]:
    """Return the middle of the result at its own size, and the original resampled to it."""
    new = pair.full_new
    height, width = new.shape[:2]
    share = min(1.0, (NATIVE_PIXELS / (width * height)) ** 0.5)
    tall, wide = round(height * share), round(width * share)
    top, left = (height - tall) // 2 // 8 * 8, (width - wide) // 2 // 8 * 8
    old = pair.full_old
    rows, columns = old.shape[0] / height, old.shape[1] / width
    part = old[
        round(top * rows) : max(round((top + tall) * rows), round(top * rows) + 1),
        round(left * columns) : max(round((left + wide) * columns), round(left * columns) + 1),
    ]
    return align.scaled(part, (wide, tall)), new[top : top + tall, left : left + wide]


def noise(pair: Pair) -> list[Fact]:
    """Grain and speckles that the original does not have, where the original is smoothest."""
    old, new = (grey_of(one) for one in pair.once(native))
    activity = cv2.blur(np.abs(cv2.Laplacian(cv2.GaussianBlur(old, (0, 0), 1), cv2.CV_32F)), (15, 15))
    level = float(np.percentile(activity, SMOOTHEST))
    smooth, busy = activity <= level, max(1.0, level / SMOOTH)  # in a busy picture new detail looks like noise
    grain = max(0.0, _grain(new, smooth) - _grain(old, smooth)) / busy
    speckles = max(0.0, _speckles(new, smooth) - _speckles(old, smooth)) / busy**3
    return [
        at_most("noise_added", grain, NOISE, DAMAGE, said("check.noise")),
        at_most("speckles", speckles, SPECKLES, DAMAGE, said("check.noise")),
    ]


def blocks(pair: Pair) -> list[Fact]:
    """Squares of strong compression."""
    old, new = pair.once(native)
    strength = max(0.0, _blockiness(grey_of(new)) - _blockiness(grey_of(old)))
    return [at_most("blockiness", strength, BLOCKS, DAMAGE, said("check.blocks"))]


def steps(pair: Pair) -> list[Fact]:
    """Steps or large pixels where tones ran smoothly; nothing if they do so nowhere."""
    old, new = (grey_of(one) for one in pair.once(native))
    slope = cv2.GaussianBlur(old, (0, 0), 2)
    running = cv2.magnitude(cv2.Sobel(slope, cv2.CV_32F, 1, 0), cv2.Sobel(slope, cv2.CV_32F, 0, 1)) / 8 > RUNNING
    if running.mean() < LEAST_RUNNING:
        return []
    gained = max(0.0, _evenness(new, running) - _evenness(old, running))
    return [at_most("steps", gained, LEVEL_STEPS, DAMAGE, said("check.steps"))]


def blur(pair: Pair) -> list[Fact]:
    """Edges and texture that were lost, or exaggerated; measured at the original's working size."""
    return [*edges(pair), *_texture(pair.once(detail), DETAIL, HALOS, TEXTURED_SHARE), *smeared(pair)]


def edges(pair: Pair) -> list[Fact]:
    """How steep the steepest edges still are."""
    kept = measure.edge_strength(pair.new) / max(measure.edge_strength(pair.old), 0.5)
    return [at_least("edges_kept", kept, SHARP, DAMAGE, said("check.blurred"))]


def edited_edges(pair: Pair) -> list[Fact]:
    """Edges that an edit lost; nothing if its words are about softness."""
    return [] if ABOUT_SOFTNESS.search(changes_of(pair.wish)) else edges(pair)


def restored_texture(pair: Pair) -> list[Fact]:
    """Texture of an old photograph that was lost with its grain and damage, or exaggerated, for the new contrast."""
    contrast = max(0.05, float(pair.new_luma.std() / max(pair.old_luma.std(), 1)))
    gains = pair.once(detail) / contrast
    return [*_texture(gains, RESTORED_DETAIL, RESTORED_HALOS, RESTORED_TEXTURED), *restored_smeared(pair)]


def stripes(pair: Pair) -> list[Fact]:
    """Bands across the picture."""
    return _stripes(pair, STRIPES)


def restored_stripes(pair: Pair) -> list[Fact]:
    """Bands across an old photograph, whose scratches and folds may have run across it."""
    return _stripes(pair, RESTORED_STRIPES)


def _stripes(pair: Pair, limit: float) -> list[Fact]:
    difference = np.where(pair.valid, pair.new_luma - pair.old_luma, 0)
    worst = max(_ripple(difference.mean(axis=axis)) for axis in (0, 1))
    return [at_most("stripes", worst, limit, DAMAGE, said("check.stripes"))]


def _texture(gains: Mask, least: float, most: float, share: float) -> list[Fact]:
    if np.isfinite(gains).mean() < share:
        return []
    low, high = np.nanpercentile(gains, LEAST_KEPT), np.nanpercentile(gains, MOST_GAINED)
    return [
        at_least("detail_kept", float(low), least, DAMAGE, said("check.smooth")),
        at_most("detail_gain", float(high), most, DAMAGE, said("check.halos")),
    ]


def smeared(pair: Pair) -> list[Fact]:
    """Whether a part lost its details."""
    return _smeared(pair, PART, PART_KEPT)


def restored_smeared(pair: Pair) -> list[Fact]:
    """Whether a part of an old photograph lost its details; scratches that were repaired are narrower."""
    return _smeared(pair, RESTORED_PART, RESTORED_PART_KEPT)


def _smeared(pair: Pair, side: int, least: float) -> list[Fact]:
    """Compare the square of textured tiles that lost most, by the best of its tiles, with the usual one."""
    gains = pair.once(detail)
    if min(gains.shape) < side:
        return []
    best = np.lib.stride_tricks.sliding_window_view(gains, (side, side)).max(axis=(2, 3))  # NaN if any tile is
    known = best[np.isfinite(best)]
    if known.size < FEW:
        return []
    kept = float(known.min() / max(np.median(known), 0.05))
    return [at_least("detail_of_part", kept, least, DAMAGE, said("check.smooth_part"))]


def detail(pair: Pair) -> Mask:
    """Return how many times stronger the middle frequencies of each tile became, leaving out grain.

    A tile without texture, or beyond the overlap, is not a number.
    """
    grid = max(1, pair.old.shape[1] // TILE), max(1, pair.old.shape[0] // TILE)
    old, new = (_band(luma, grid) for luma in (pair.old_luma, pair.new_luma))
    grain = GRAIN_IN_BAND * measure.noise(pair.old)
    inside = cv2.resize(pair.valid.astype(np.float32), grid, interpolation=cv2.INTER_AREA) > WHOLE
    textured = (old > max(TEXTURED, 2 * grain)) & inside
    own = np.sqrt(np.maximum(old**2 - grain**2, 1))
    return np.where(textured, new / own, np.nan)


def _band(luma: Grey, grid: tuple[int, int]) -> Mask:
    middle = cv2.GaussianBlur(luma, (0, 0), 1) - cv2.GaussianBlur(luma, (0, 0), 3)
    return np.sqrt(cv2.resize(middle * middle, grid, interpolation=cv2.INTER_AREA))


def _grain(grey: Grey, smooth: Mask) -> float:
    """Return the deviation of the noise in grey levels, by the median, which lines and edges do not raise."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return float(np.median(np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel)[smooth]))) * 1.4826 / 6


def _speckles(grey: Grey, smooth: Mask) -> float:
    return float((cv2.absdiff(grey, cv2.medianBlur(grey, 3))[smooth] > SPECKLE).mean())


def _blockiness(grey: Grey) -> float:
    """Return how much stronger steps are at the strongest phase of a grid of 8 pixels than at the others."""
    return min(_grid_strength(grey), _grid_strength(grey.T))


def _grid_strength(grey: Grey) -> float:
    steps = np.abs(np.diff(grey, axis=1))
    second = np.maximum(steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2, 0)  # steps that stand alone
    profile = np.array([second[:, phase::8].mean() for phase in range(8)])
    usual = float(np.median(profile))
    return (float(profile.max()) - usual) / (usual + 1)


def _evenness(grey: Grey, where: Mask) -> float:
    """Return the share of pixels there that equal their right and lower neighbours exactly."""
    even = (grey[:-1, :-1] == grey[:-1, 1:]) & (grey[:-1, :-1] == grey[1:, :-1])
    return float(even[where[:-1, :-1]].mean())


def _ripple(profile: Mask) -> float:
    line = profile.astype(np.float32).reshape(1, -1)
    return float((line - cv2.blur(line, (25, 1))).std())
