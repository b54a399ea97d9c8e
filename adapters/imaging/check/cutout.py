"""Facts about a cut-out: the subject is the original's and whole, the background is gone, the edge is clean."""

from dataclasses import dataclass

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels, alpha_of, grey_of, pixels_of
from adapters.imaging.check.facts import Fact, FailureKind, at_most, must
from adapters.imaging.check.pair import Pair
from adapters.imaging.colour import to_srgb
from adapters.imaging.networks.cut_out import ALMOST_ALL, ALMOST_NOTHING, salience
from adapters.imaging.networks.faces import Face, find_faces
from domain.texts.phrase import said

SIDE = 640  # pixels on the long side; outlines need no more
CORE, CLEAR, FAINT, QUARTER, HALF = 0.95, 0.05, 0.1, 0.25, 0.5  # alpha
BARELY = 12  # of 255
FLAT = 6  # grey levels of deviation; a flatter subject cannot be compared
OTHER, OTHER_COLOUR = 0.3, 32  # of the correlation, and grey levels: beyond it another thing was cut out
SALIENT, NOT_SALIENT, UNDECIDED = 0.9, 0.05, 0.15
MISSING, LEFT = 0.15, 0.2  # shares of what is surely subject, and of what surely is not
MOSTLY, UPSIDE_DOWN = 0.7, 85  # share, and points: more than for any other fault
FACE_COVERED, AS_LARGE = 0.75, 0.6
GHOST = 0.07  # share of the subject that is half transparent over more than an edge
WIDE = 0.02  # of the long side: wider than any edge or lock of hair
OFF, REACH = 0.008, 10  # share of the long side, and pixels, that the outline may lie beside the edge in the picture
STEEPER = 1.6  # how much stronger the edge has to be there
HARD = 0.12  # half transparent pixels for each pixel of the outline; stairs have none
SLANTED = 0.1  # corners for each pixel of the outline
MIXED, MOST_MIXED = 50, 0.4  # distance of the colours, and how much of the background's is left in the edge
ENOUGH = 150  # pixels

CONTENT, DAMAGE = FailureKind.CONTENT, FailureKind.DAMAGE


@dataclass(frozen=True)
class CutOut:
    """A cut-out and its original at one small size. `own` tells that the original was transparent itself."""

    old: Pixels
    new: Pixels
    alpha: Mask
    own: bool


def cut_out(pair: Pair) -> list[Fact]:
    """All facts about the cut-out; nothing if there is none."""
    cut = pair.once(opened)
    if not ALMOST_NOTHING < float(cut.alpha.mean()) < ALMOST_ALL:
        return []
    return [*same_subject(cut), *whole_subject(cut), *edge(cut), *fringe(cut), *stairs(pair, cut)]


def opened(pair: Pair) -> CutOut:
    """Return both at the small size."""
    scale = min(1.0, SIDE / max(pair.before.size))
    size = (max(1, round(pair.before.width * scale)), max(1, round(pair.before.height * scale)))
    after = pair.after if pair.after.mode == "RGBA" else pair.after.convert("RGBA")
    old = cv2.resize(pair.full_old, size, interpolation=cv2.INTER_AREA)
    new = cv2.resize(pixels_of(to_srgb(after).convert("RGB")), size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(alpha_of(after), size, interpolation=cv2.INTER_AREA)
    return CutOut(old, new, alpha, pair.before.mode == "RGBA")


def same_subject(cut: CutOut) -> list[Fact]:
    """Whether what is opaque looks as it did; nothing about a featureless subject."""
    core = cv2.erode((cut.alpha > CORE).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if core.sum() < ENOUGH:
        return []
    old, new = (cv2.GaussianBlur(grey_of(pixels), (0, 0), 1.5)[core] for pixels in (cut.old, cut.new))
    colours = (cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), 1.5)[core] for pixels in (cut.old, cut.new))
    change = float(np.abs(np.subtract(*colours)).max(axis=1).mean())
    facts = [at_most("subject_colour", change, OTHER_COLOUR, CONTENT, said("check.subject_changed"))]
    if old.std() > FLAT:
        likeness = float(np.corrcoef(old, new)[0, 1]) if new.std() > 1 else 0.0
        facts.append(at_most("subject_unlike", 1 - likeness, OTHER, CONTENT, said("check.subject_changed")))
    return facts


def whole_subject(cut: CutOut) -> list[Fact]:
    """Whether the subject is there and the background is not, where it is plain what is which."""
    if cut.own:
        return []
    facts = _faces(cut)
    seen = cv2.resize(salience(cut.old), cut.alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    surely, not_at_all = cv2.erode((seen > SALIENT).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0, seen < NOT_SALIENT
    undecided = 1 - float(surely.mean() + not_at_all.mean())
    if surely.sum() < ENOUGH or undecided > max(UNDECIDED, float(surely.mean())):
        return facts
    missing, left = float((cut.alpha[surely] < HALF).mean()), float((cut.alpha[not_at_all] > HALF).mean())
    if min(missing, left) > MOSTLY:
        return [*facts, must("mask_upright", False, CONTENT, said("check.mask_inverted"), UPSIDE_DOWN)]
    return [
        *facts,
        at_most(
            "subject_missing", missing, MISSING, CONTENT, said("check.subject_missing", percent=round(100 * missing))
        ),
        at_most("background_left", left, LEFT, CONTENT, said("check.background_left")),
    ]


def _faces(cut: CutOut) -> list[Fact]:
    faces = find_faces(cut.old)
    lost = [face for face in faces if face.side >= AS_LARGE * faces[0].side and _cover(cut, face) < FACE_COVERED]
    issue = said("check.faces_lost", count=len(lost))
    return [at_most("faces_lost", len(lost), 0.5, FailureKind.FACE, issue)] if faces else []


def _cover(cut: CutOut, face: Face) -> float:
    inside = cv2.fillConvexPoly(np.zeros(cut.alpha.shape, np.uint8), cv2.convexHull(face.points.astype(np.int32)), 1)
    return float(cut.alpha[inside > 0].mean()) if inside.any() else 1.0


def edge(cut: CutOut) -> list[Fact]:
    """Whether the outline lies on an edge of the picture, and nothing hovers half transparent."""
    side = max(cut.alpha.shape)
    kernel = np.ones((max(3, round(WIDE * side)),) * 2, np.uint8)
    hovering = cv2.morphologyEx(
        ((cut.alpha > FAINT) & (cut.alpha < 1 - FAINT)).astype(np.uint8), cv2.MORPH_OPEN, kernel
    )
    ghosts = float(hovering.sum() / max(1, (cut.alpha > HALF).sum()))
    facts = [at_most("ghosts", ghosts, GHOST, DAMAGE, said("check.ghosts"))]
    off = _off(cut)
    return facts if off is None else [*facts, at_most("edge_off", off / side, OFF, DAMAGE, said("check.edge_off"))]


def _off(cut: CutOut) -> float | None:
    """Return how many pixels beside the outline the picture's edge is; None if it has none there."""
    inside = (cut.alpha > HALF).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    smooth = cv2.GaussianBlur(cut.old, (0, 0), 1).astype(np.float32)
    slopes = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)).max(axis=2)
    height, width = inside.shape
    rim = np.ones_like(inside)
    rim[3 : height - 3, 3 : width - 3] = 0
    steps = np.arange(-REACH, REACH + 1)
    near = [(np.abs(distance - step) <= 1) & (rim == 0) for step in steps]
    if min(int(part.sum()) for part in near) < ENOUGH:
        return None
    profile = np.array([np.median(slopes[part]) for part in near])
    here, best = float(profile[REACH - 2 : REACH + 3].max()), int(np.argmax(profile))
    return abs(float(steps[best])) if profile[best] > STEEPER * here and profile[best] > 2 * FLAT else 0.0


def fringe(cut: CutOut) -> list[Fact]:
    """Whether the old background's colour is left in the half transparent edge."""
    core, ground = (cut.alpha > CORE).astype(np.float32), (cut.alpha < CLEAR).astype(np.float32)
    window = (2 * round(0.015 * max(cut.alpha.shape)) + 3,) * 2
    subject, background = (_mean_colour(*both, window) for both in ((cut.new, core), (cut.old, ground)))
    across = background - subject
    length = np.square(across).sum(axis=2)
    half = (cut.alpha > QUARTER) & (cut.alpha < 1 - QUARTER) & (length > MIXED**2)
    half &= (cv2.blur(core, window) > CLEAR) & (cv2.blur(ground, window) > CLEAR)
    if half.sum() < ENOUGH:
        return []
    left = ((cut.new - subject) * across).sum(axis=2)[half] / length[half] / (1 - cut.alpha[half])
    value = float(np.clip(np.median(left), 0, 2))
    return [at_most("fringe", value, 2 * MOST_MIXED, DAMAGE, said("check.fringe"))]


def _mean_colour(pixels: Pixels, weight: Mask, window: tuple[int, int]) -> Mask:
    share = cv2.blur(weight, window)[..., None]
    mean: Mask = cv2.blur(pixels * weight[..., None], window) / np.maximum(share, 1e-4)
    return mean


def stairs(pair: Pair, cut: CutOut) -> list[Fact]:
    """Whether the outline is antialiased, at full size; upright straight lines need not be."""
    if cut.own or pair.after.mode != "RGBA":
        return []
    alpha = np.asarray(pair.after.getchannel("A"))
    opaque = (alpha > HALF * 255).astype(np.uint8)
    outline = int(cv2.morphologyEx(opaque, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)).sum())
    squares = opaque[1:, 1:] + opaque[1:, :-1] + opaque[:-1, 1:] + opaque[:-1, :-1]
    if int((squares % 2).sum()) < SLANTED * outline:  # one or three of four: a corner
        return []
    soft = float(((alpha > BARELY) & (alpha < 255 - BARELY)).sum() / max(1, outline))
    return [must("edge_soft", soft >= HARD, DAMAGE, said("check.edge_hard"), 45, edge_softness=round(soft, 3))]
