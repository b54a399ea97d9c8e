"""Cuts an ID photograph so that the head is as large and as high as its rule wants."""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from PIL import Image

from adapters.imaging.arrays import Mask, Pixels, at_most
from adapters.imaging.networks.cut_out import find_subject
from adapters.imaging.networks.faces import Face, find_faces
from adapters.imaging.rejections import refusal
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.id_photos import ID_PHOTOS, IdPhoto
from domain.vocabulary.pictures import TargetSize

CHIN, FOREHEAD = 152, 10  # landmarks of the face mesh
HAIR = 0.3  # of the face: from the top of the forehead to the crown, where the hair cannot be told from the background
LEAST_HAIR, MOST_HAIR = 0.05, 0.8  # of the face: a hat or the background is higher
SOLID, A_ROW = 0.5, 0.1  # alpha, and the share of solid pixels from which a row shows hair
SEEN_SIDE = 1024  # pixels
MAIN_FACE = 0.45  # of the largest face: what is smaller is a passer-by or a picture on the wall
STEPS = 9
FROM_OUTSIDE = 100  # how much worse it is to lack a part than to miss the best size by as much
NOT_SEEN = 0.02  # of the height: a lack of body that continuing the last row hides
PLAIN = 12  # grey levels: the deviation along an edge of the picture from which it is no plain background


@dataclass(frozen=True)
class Head:
    """The crown and the chin of a person, and the middle between them, in pixels."""

    crown: float
    chin: float
    middle: float

    @property
    def height(self) -> float:
        """From chin to crown."""
        return self.chin - self.crown


Window = tuple[float, float, float, float]  # left, top, right, bottom


def placed(picture: Image.Image, pixels: Pixels, size: TargetSize) -> Image.Image:
    """Return the picture cut to an ID photograph; `pixels` are its sRGB values. Raises PictureUnreadable."""
    window = window_for(head_of(pixels), pixels.shape[1], pixels.shape[0], size, ID_PHOTOS[size.id_photo])
    wide = _extended(picture, pixels, window)
    left, top = min(0, window[0]), min(0, window[1])
    box = (window[0] - left, window[1] - top, window[2] - left, window[3] - top)
    return wide.resize((size.width, size.height), Image.Resampling.LANCZOS, box=_inside(box, wide.size), reducing_gap=3)


def head_of(pixels: Pixels) -> Head:
    """Return where the head is. Raises PictureUnreadable if there is not exactly one person."""
    small = at_most(pixels, SEEN_SIDE)
    faces = find_faces(small)
    mains = [face for face in faces if face.side > MAIN_FACE * faces[0].side]
    if len(mains) != 1:
        raise refusal("no_face" if not mains else "several_faces")
    head, scale = _head(small, mains[0]), pixels.shape[1] / small.shape[1]
    return Head(head.crown * scale, head.chin * scale, head.middle * scale)


def window_for(head: Head, width: int, height: int, size: TargetSize, rule: IdPhoto) -> Window:
    """Return the part of the picture to show: the head of the best size and place that needs least from outside.

    What the picture lacks above and beside the head can be added where the background is plain; below it cannot.
    """
    shares = np.linspace(rule.head[1], rule.head[0], STEPS) / rule.height
    spaces = np.linspace(rule.above[0], rule.above[1], STEPS) / rule.height
    windows = [_window(head, share, above, size) for share, above in product(shares, spaces)]

    def cost(window: Window) -> float:
        left, top, right, bottom = window
        outside = max(0, -top) + max(0, -left) + max(0, right - width) + 10 * max(0, bottom - height)
        share, above = head.height / (bottom - top), (head.crown - top) / (bottom - top)
        return FROM_OUTSIDE * outside / (bottom - top) + abs(share - rule.best_head) + abs(above - rule.best_above)

    return min(windows, key=cost)


def _window(head: Head, share: float, above: float, size: TargetSize) -> Window:
    tall = head.height / share
    wide = tall * size.width / size.height
    top = head.crown - above * tall
    return head.middle - wide / 2, top, head.middle + wide / 2, top + tall


def _head(pixels: Pixels, face: Face) -> Head:
    chin, forehead = face.points[CHIN], face.points[FOREHEAD]
    tall = float(chin[1] - forehead[1])
    left, _, right, _ = face.box
    crown = _crown(pixels, (round(max(0, left)), round(right)), float(forehead[1]))
    hair = float(forehead[1]) - crown if crown is not None else -1
    if not LEAST_HAIR * tall <= hair <= MOST_HAIR * tall:
        hair = HAIR * tall
    return Head(float(forehead[1]) - hair, float(chin[1]), (left + right) / 2)


def _crown(pixels: Pixels, across: tuple[int, int], forehead: float) -> float | None:
    """Return the highest point of the person above the face."""
    try:
        alpha: Mask = find_subject(pixels)
    except PictureUnreadable:
        return None
    rows = np.flatnonzero((alpha[: max(1, round(forehead)), across[0] : across[1]] > SOLID).mean(axis=1) > A_ROW)
    return float(rows[0]) if len(rows) else None


def _extended(picture: Image.Image, pixels: Pixels, window: Window) -> Image.Image:
    """Return the picture with its plain background continued where the window goes beyond it.

    Raises PictureUnreadable if the background is not plain or the body would have to be continued.
    """
    beyond = (-window[0], -window[1], window[2] - picture.width, window[3] - picture.height)
    left, top, right, bottom = (int(max(0.0, pixels_beyond)) for pixels_beyond in beyond)
    if bottom > NOT_SEEN * (window[3] - window[1]):
        raise refusal("no_room_for_head")
    if not left and not top and not right and not bottom:
        return picture
    edges = [*([pixels[:, 0]] if left else []), *([pixels[:, -1]] if right else []), *([pixels[0]] if top else [])]
    if any(float(edge.std(axis=0).max()) > PLAIN for edge in edges):
        raise refusal("no_room_for_head")
    wide = cv2.copyMakeBorder(np.asarray(picture), top, bottom, left, right, cv2.BORDER_REPLICATE)
    result = Image.fromarray(wide)
    result.info = dict(picture.info)
    return result


def _inside(box: Window, size: tuple[int, int]) -> Window:
    return max(0, box[0]), max(0, box[1]), min(size[0], box[2]), min(size[1], box[3])
