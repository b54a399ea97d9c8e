"""Facts about a drawing: rendered from the file itself, it looks like the original; it runs and loads nothing."""

import io
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from adapters.imaging.arrays import Mask, Pixels, pixels_of
from adapters.imaging.check.facts import Fact, FailureKind, at_most, must
from adapters.imaging.check.pair import Pair
from adapters.imaging.drawings import contents, drawn
from adapters.imaging.encode import flattened
from domain.texts.phrase import said

SIDE = 480  # pixels
VIEW_DIFFERS = 6  # grey levels
LEVELS, MAIN, FLAT_COLOURS, FLAT_SHARE = 8, 0.004, 24, 0.9  # what is flat art: few colours cover most of it
UNLIKE_FLAT, UNLIKE_PHOTO = 12, 26  # grey levels on average
LARGE, COLOUR_LOST = 0.02, 60  # share of a colour that must be kept, and by how many grey levels it may be off
FILE = FailureKind.FILE


def drawing(pair: Pair) -> list[Fact]:
    """All facts about the drawing."""
    try:
        found = contents(pair.file.data)
    except ValueError:
        return [must("svg_opens", False, FILE, said("check.svg_broken"))]
    active = said("check.svg_active", what=", ".join(sorted(found.forbidden)))
    facts = [
        must("is_passive", not found.forbidden, FILE, active),
        must("has_paths", found.shapes > 0, FILE, said("check.svg_empty"), paths=found.shapes),
        must("has_no_bitmap", not found.has_bitmap, FILE, said("check.svg_bitmap")),
        must("is_outlined", not found.has_text, FILE, said("check.svg_text")),
    ]
    return [*facts, *_looks(pair)] if all(fact.is_fine for fact in facts) else facts


def _looks(pair: Pair) -> Iterator[Fact]:
    scale = min(1.0, SIDE / max(pair.before.size))
    size = (max(1, round(pair.before.width * scale)), max(1, round(pair.before.height * scale)))
    try:
        image = flattened(Image.open(io.BytesIO(drawn(pair.file.data, 2 * size[0]))))
    except (ValueError, OSError):
        yield must("svg_opens", False, FILE, said("check.svg_broken"))
        return
    old, view = (cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) for pixels in (pair.full_old, pair.full_new))
    new = cv2.resize(pixels_of(image.convert("RGB")), size, interpolation=cv2.INTER_AREA)
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
