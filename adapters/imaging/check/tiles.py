"""Where the content changed: tile by tile, after alignment and after what changed everywhere alike is taken out."""

from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging import align
from adapters.imaging.arrays import Mask, Pixels, grey_of
from adapters.imaging.check.facts import Fact, FailureKind, at_least, at_most
from adapters.imaging.check.monochrome import is_monochrome
from adapters.imaging.check.pair import Pair
from domain.texts.phrase import said

SIDE = 16  # pixels of a tile at flow size (about 400 x 300)
STRUCTURE = 5.0  # grey levels of deviation within a tile, below which there is nothing to compare
FINE = 8  # pixels of the tiles in which marks and small objects are looked for
PLAIN, ON_EDGES = 6.0, 0.8  # CIELAB units that count as another colour where it is smooth, and more by the slope
CHANGED, REPLACED, LIKE = 0.55, 0.92, 0.55
ADDED, MANY, TYPICAL = 1.0, 4, 2.0  # change of the worst fine tiles; how many; times the median that is added to it
MENDED = (3, 45)  # tiles and fine tiles of an old photograph that may change freely
BLOCK, BLOCK_CHANGED = 2, 0.68  # tiles on a side that change together; scratches and stains leave some of them alike
LEAST_KNOWN = 0.04  # share of the tiles with structure
SAMPLED = 11  # one pixel of so many
WHOLE = 0.9  # share of a tile that is covered
CONTENT = FailureKind.CONTENT


@dataclass(frozen=True)
class Tiles:
    """The change of each tile, 0 (the same) to 1 and more (something else), and how alike the structures are."""

    change: Mask
    added: Mask  # the same, but only for structure that the result has: what was repaired is gone from it
    likeness: Mask  # correlation of the lumas, NaN where neither has structure
    colour: Mask  # the change of colour by finer tiles

    @property
    def most(self) -> float:
        """The change of the tile that changed most, in structure or colour."""
        return float(max(self.change.max(), self.colour.max()))

    @property
    def worst(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the tile that changed most, as shares of the sides."""
        row, column = (int(place) for place in np.unravel_index(np.argmax(self.change), self.change.shape))
        rows, columns = self.change.shape
        return column / columns, row / rows, (column + 1) / columns, (row + 1) / rows


def compared(pair: Pair) -> Tiles:
    """Compare the aligned pair."""
    size = align.size_of(pair.old, align.FLOW_PIXELS)
    old, new = (cv2.GaussianBlur(align.scaled(one, size), (0, 0), 1) for one in (pair.old, pair.new))
    valid = cv2.resize(pair.valid.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    likeness, before, after = _likeness(old, new, _grid(size, SIDE))
    inside = _mean(valid, _grid(size, SIDE)) > WHOLE  # tiles at the rim are left out
    structure = np.maximum(before, after)
    unlike, added = ((1 - likeness) * np.clip(amount - 1, 0, 1) * inside for amount in (structure, after))
    colour = _mean(_colour_change(old, new) * valid, _grid(size, FINE))
    return Tiles(unlike, added, np.where((structure > 1) & inside, likeness, np.nan), colour)


def content(pair: Pair) -> list[Fact]:
    """Whether the result shows what the original shows, as a whole and at its worst tile."""
    return [*likeness(pair), *_changed_parts(pair, pair.once(compared).change, CHANGED, 1, MANY)]


def restored_content(pair: Pair) -> list[Fact]:
    """Whether a restored photograph shows what the original shows: damage may be gone, but nothing may be added."""
    added = pair.once(compared).added
    facts = [*likeness(pair), *_changed_parts(pair, added, REPLACED, *MENDED), *_changed_block(added)]
    return [fact for fact in facts if fact.name != "colour_tile" or not pair.of_original(is_monochrome)]


def likeness(pair: Pair) -> list[Fact]:
    """Whether the result shows the same scene, whatever was changed in it."""
    tiles = pair.once(compared)
    known = tiles.likeness[~np.isnan(tiles.likeness)]
    if known.size <= LEAST_KNOWN * tiles.likeness.size:
        return []
    return [at_least("likeness", float(np.median(known)), LIKE, CONTENT, said("check.other_picture"))]


def _changed_parts(pair: Pair, change: Mask, limit: float, tiles_free: int, fine_free: int) -> list[Fact]:
    """Return the change of the worst tile, after a few most changed ones that do not matter."""
    tiles = pair.once(compared)
    issue, place = said("check.changed_part"), [round(side, 3) for side in tiles.worst]
    coloured = _largest(tiles.colour, fine_free) - TYPICAL * float(np.median(tiles.colour))
    return [
        at_most("worst_tile", _largest(change, tiles_free), limit, CONTENT, issue, worst_tile_at=place),
        at_most("colour_tile", max(0.0, coloured), ADDED, CONTENT, issue),
    ]


def _changed_block(added: Mask) -> list[Fact]:
    """Return the mean change of the square of tiles that changed most."""
    if min(added.shape) < BLOCK:
        return []
    squares = np.lib.stride_tricks.sliding_window_view(added, (BLOCK, BLOCK)).mean(axis=(2, 3))
    return [at_most("changed_block", float(squares.max()), BLOCK_CHANGED, CONTENT, said("check.changed_part"))]


def heat_map(pair: Pair) -> Pixels:
    """Return the original, darkened, with the change of each tile in red and the worst tile framed."""
    tiles = pair.once(compared)
    heat = cv2.resize(np.clip(tiles.change / CHANGED / 2, 0, 1), pair.old.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    grey = cv2.cvtColor(cv2.cvtColor(pair.old, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) // 2 + 40
    shown: Pixels = (grey * (1 - heat[..., None]) + np.array([255, 30, 0]) * heat[..., None]).astype(np.uint8)
    height, width = shown.shape[:2]
    left, top, right, bottom = tiles.worst
    corners = (round(left * width), round(top * height)), (round(right * width), round(bottom * height))
    return cv2.rectangle(shown, *corners, (255, 255, 0), max(1, width // 300))


def _likeness(old: Pixels, new: Pixels, grid: tuple[int, int]) -> tuple[Mask, Mask, Mask]:
    """Return the correlation of the lumas by tile, and how many times the least structure each of them has."""
    first, second = grey_of(old), grey_of(new)
    first_mean, second_mean = _mean(first, grid), _mean(second, grid)
    first_variance = np.maximum(_mean(first * first, grid) - first_mean**2, 0)
    second_variance = np.maximum(_mean(second * second, grid) - second_mean**2, 0)
    together = _mean(first * second, grid) - first_mean * second_mean
    floor = STRUCTURE**2 / 4
    likeness = (together + floor) / (np.sqrt(first_variance * second_variance) + floor)
    return likeness, np.sqrt(first_variance) / STRUCTURE, np.sqrt(second_variance) / STRUCTURE


def _colour_change(old: Pixels, new: Pixels) -> Mask:
    """Return by how much the colours differ from what the best linear change of all colours together predicts."""
    first, second = (cv2.cvtColor(one.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3) for one in (old, new))
    known = np.hstack([first, np.ones((len(first), 1), np.float32)])
    keep = np.ones(len(known), bool)
    for _ in range(2):  # the second time without what is far off
        some = np.flatnonzero(keep)[::SAMPLED]
        predicted = known @ np.linalg.lstsq(known[some], second[some], rcond=None)[0]
        predicted[:, 0] = np.clip(predicted[:, 0], 0, 100)
        distance = np.linalg.norm(predicted - second, axis=1)
        keep = distance <= np.percentile(distance, 80)
    luma = grey_of(old)
    slope = cv2.magnitude(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)) / 8
    change: Mask = distance.reshape(old.shape[:2]) / (PLAIN + ON_EDGES * cv2.dilate(slope, np.ones((5, 5))))
    return change


def _largest(values: Mask, number: int) -> float:
    return float(np.sort(values, axis=None)[-min(number, values.size)])


def _grid(size: tuple[int, int], side: int) -> tuple[int, int]:
    return max(1, round(size[0] / side)), max(1, round(size[1] / side))


def _mean(values: Mask, grid: tuple[int, int]) -> Mask:
    return cv2.resize(values.astype(np.float32), grid, interpolation=cv2.INTER_AREA)
