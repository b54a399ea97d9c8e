"""The deliverable of `vectorize`: an SVG of paths alone, traced by vtracer from a flattened palette."""

import io
from itertools import combinations

import cv2
import numpy as np
import vtracer
from PIL import Image

from adapters.imaging.arrays import Mask, Pixels, alpha_of, at_most, image_of, pixels_of
from adapters.imaging.colour import to_srgb
from adapters.imaging.drawings import drawn_within
from adapters.imaging.encode import flattened
from adapters.imaging.finish.framing import in_frame, proportioned
from adapters.imaging.networks.reading import find_lines, read_line
from domain.ports import Deliverable, EncodedImage, Wish

TRACED_SIDE, FINEST = 1024, 2048  # pixels: tracing holds the interpreter lock, for a time that grows with the area
LETTERS = 30  # pixels of height that tracing needs to draw letters
SAMPLE_SIDE = 160  # pixels that the palette is computed from
COLOURS = 24
ALIKE = 9  # difference between colours of a drawing that are one, in CIELAB
DRAWN = 0.9  # share of pixels close to one of its colours, from which a picture is a drawing, not a photograph
SOLID = 0.2  # share of a colour's pixels that have only their like around them; rims have fewer
BETWEEN, INSIDE = 14, (0.08, 0.92)  # how near a rim's colour is to the line between two others, and where on it
FEW_COLOURS, SAME = 12, 6  # colours of a drawing, and how far a pixel may be from one of them in each channel
MOST_READ = 16  # lines of text
VIEW_SIDE = 1600
HALF = 0.5
CHROMA = np.array([1, 1.8, 1.8], np.float32)  # hue counts more than lightness: skin must not turn grey


def vectorized(_original: EncodedImage, before: Image.Image, after: Image.Image, _wish: Wish) -> Deliverable:
    """Deliver an SVG in the original's proportions, and a PNG view of it drawn by resvg."""
    framed = in_frame(before, to_srgb(after))
    size = proportioned(framed, _side_for(framed))
    flat, is_drawing = flattened_palette(framed.resize(size, Image.Resampling.LANCZOS))
    out = io.BytesIO()
    flat.save(out, "PNG")
    svg = vtracer.convert_raw_image_to_svg(
        out.getvalue(), img_format="png", mode="spline", hierarchical="stacked", filter_speckle=1 if is_drawing else 8,
        color_precision=8, layer_difference=0, corner_threshold=60, path_precision=1 if is_drawing else 0,
    )  # fmt: skip
    svg = _scalable(svg, flat.size)
    file = EncodedImage(svg.encode(), "image/svg+xml")
    return Deliverable(file, EncodedImage(drawn_within(file.data, VIEW_SIDE), "image/png"), "svg")


def _side_for(picture: Image.Image) -> int:
    """Return the long side to trace at: larger if the picture has small letters."""
    small = at_most(pixels_of(flattened(picture)), FINEST)
    lines = [line for line in (read_line(small, box) for box in find_lines(small)[:MOST_READ]) if line.is_sure]
    if not lines:
        return TRACED_SIDE
    least = float(np.percentile([line.height for line in lines], 20))
    return int(min(FINEST, max(TRACED_SIDE, max(small.shape) * LETTERS / max(least, 1))))


def flattened_palette(picture: Image.Image) -> tuple[Image.Image, bool]:
    """Reduce a picture to a few flat colours, alpha to on or off; also tell whether it is a drawing.

    Uses k-means in CIELAB, because median cut weighs by area and turns small coloured objects grey. Of a photograph
    the grain is removed first. Of a drawing the rims are removed: colours that stand only between two others.
    """
    lab = cv2.cvtColor(pixels_of(flattened(picture)), cv2.COLOR_RGB2LAB)
    colours = _palette(_sampled(lab))
    few = _merged(colours)
    is_drawing = _share_near(lab, few) > DRAWN
    if is_drawing:
        flat = _without_rims(few, _nearest(lab, few))
    else:
        smooth = cv2.bilateralFilter(lab, 9, 40, 9)
        colours = _palette(_sampled(smooth))
        flat = cv2.medianBlur(colours[_nearest(smooth, colours)], 5)
    alpha = (alpha_of(picture) >= HALF).astype(np.float32) if picture.mode == "RGBA" else None
    return image_of(cv2.cvtColor(flat, cv2.COLOR_LAB2RGB), alpha), is_drawing


def _sampled(lab: Pixels) -> Pixels:
    """Return pixels to find the palette from: as they are, since averages would be colours that nothing has."""
    rows, columns = (np.linspace(0, length - 1, min(length, SAMPLE_SIDE)).astype(int) for length in lab.shape[:2])
    sampled: Pixels = lab[np.ix_(rows, columns)]
    return sampled


def _palette(lab: Pixels) -> Pixels:
    cv2.setRNGSeed(1)  # the same picture must give the same drawing
    samples = lab.reshape(-1, 3) * CHROMA
    labels = np.zeros((len(samples), 1), np.int32)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    count = min(COLOURS, len(samples))
    centres: Pixels = cv2.kmeans(samples, count, labels, stop, 2, cv2.KMEANS_PP_CENTERS)[2]
    order = np.argsort(-np.bincount(labels.ravel(), minlength=count))  # the most common first
    return (centres[order] / CHROMA + 0.5).astype(np.uint8)


def _merged(colours: Pixels) -> Pixels:
    """Return the colours without those that are like a more common one."""
    kept: list[Pixels] = []
    for colour in colours.astype(np.float32) * CHROMA:
        if all(np.linalg.norm(colour - other) > ALIKE for other in kept):
            kept.append(colour)
    return (np.array(kept) / CHROMA + 0.5).astype(np.uint8)


def _nearest(lab: Pixels, colours: Pixels) -> Mask:
    """Return the number of the nearest colour for each pixel."""
    best: Mask = np.full(lab.shape[:2], np.inf, np.float32)
    number = np.zeros(lab.shape[:2], np.uint8)
    for place, colour in enumerate(colours.astype(np.float32)):
        distance = np.square((lab - colour) * CHROMA).sum(axis=2)
        better = distance < best
        best[better], number[better] = distance[better], place
    return number


def _share_near(lab: Pixels, colours: Pixels) -> float:
    """Return the share of pixels that have one of the most common colours, as in a drawing nearly all have."""
    common = colours[:FEW_COLOURS]
    sample = _sampled(lab)
    distance = np.abs(sample.astype(np.float32) - common.astype(np.float32)[_nearest(sample, common)]).max(axis=2)
    return float((distance <= SAME).mean())


def _without_rims(colours: Pixels, numbers: Mask) -> Pixels:
    """Give the pixels of rims to the nearest colour that is none."""
    solid = np.zeros(len(colours))
    for number in range(len(colours)):
        own: Mask = (numbers == number).astype(np.uint8)
        solid[number] = cv2.erode(own, np.ones((3, 3), np.uint8)).sum() / max(1, own.sum())
    true = [number for number in range(len(colours)) if solid[number] > SOLID]
    rims = [n for n in range(len(colours)) if n not in true and _is_between(colours[n], colours[true])]
    if not rims:
        return colours[numbers]
    is_rim = np.isin(numbers, rims)
    # Each pixel of a rim takes the colour of the nearest pixel outside all rims.
    _, nearest = cv2.distanceTransformWithLabels(
        is_rim.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, numbers.dtype)
    table[nearest[~is_rim]] = numbers[~is_rim]
    flat: Pixels = colours[table[nearest]]
    return flat


def _is_between(colour: Pixels, others: Pixels) -> bool:
    """Whether a colour is a mixture of two others."""
    mixed, pure = colour * CHROMA, others * CHROMA
    for one, other in combinations(pure, 2):
        line = other - one
        share = float((mixed - one) @ line / max(float(line @ line), 1e-6))
        if INSIDE[0] < share < INSIDE[1] and np.linalg.norm(one + share * line - mixed) < BETWEEN:
            return True
    return False


def _scalable(svg: str, size: tuple[int, int]) -> str:
    """Add the view box that vtracer omits; without it programs crop the drawing instead of scaling it."""
    return svg if "viewBox" in svg else svg.replace("<svg ", f'<svg viewBox="0 0 {size[0]} {size[1]}" ', 1)
