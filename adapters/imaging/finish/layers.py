"""The deliverable of `layered` and `remove_bg_and_layer`: a PSD with the subject on its own layer."""

import io

import cv2
import numpy as np
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Compression

from adapters.imaging.arrays import Mask, Pixels, at_most, image_of
from adapters.imaging.colour import to_srgb
from adapters.imaging.encode import as_png
from adapters.imaging.finish.cutout import Subject, subject_of
from adapters.imaging.mixing import blended
from adapters.imaging.stripes import enlarged, stripes
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.pictures import Operation

SUBJECT, BACKGROUND = "主体", "背景"
PSD_TYPE = "image/vnd.adobe.photoshop"
TOUCHED = 0.02  # alpha above which a background pixel may contain the subject
WHITE = (255, 255, 255)
FILL_SIDE = 320  # pixels: the fill is soft anyway, and large holes take long


def layered(_original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver a PSD of two layers, 主体 with a mask over a completed 背景, and a PNG view.

    For `remove_bg_and_layer` 背景 is included but hidden, so that the document opens transparent and nothing is lost.
    """
    found = subject_of(before, to_srgb(after))
    transparent = wish.operation is Operation.REMOVE_BG_AND_LAYER
    background = filled_in(found.pixels, found.alpha)
    flat = blended(found.colours, found.alpha, WHITE if transparent else background)
    view = image_of(found.colours, found.alpha) if transparent else image_of(flat)
    document = _document(found, background, flat, hidden=transparent)
    return Deliverable(EncodedImage(document, PSD_TYPE), as_png(view), "psd")


def filled_in(pixels: Pixels, alpha: Mask) -> Pixels:
    """Return the background with the subject inpainted from its surroundings (Telea 2004, at a coarse size)."""
    small = at_most(pixels, FILL_SIDE)
    hole: Mask = (cv2.resize(alpha, small.shape[1::-1], interpolation=cv2.INTER_AREA) > TOUCHED).astype(np.uint8)
    hole = cv2.dilate(hole, np.ones((7, 7), np.uint8))
    if hole.all():
        return np.full_like(pixels, 255)
    filled = cv2.inpaint(small, hole, 5, cv2.INPAINT_TELEA)
    filled = np.where(hole[..., None] > 0, cv2.GaussianBlur(filled, (0, 0), 4), filled)
    seam = cv2.GaussianBlur(hole * np.float32(1), (0, 0), 1)
    result = np.empty_like(pixels)
    for rows in stripes(pixels.shape):
        patch, weight = (enlarged(part, pixels.shape, rows) for part in (filled, seam))
        result[rows] = blended(patch, weight, pixels[rows])
    return result


class _Document(PSDImage):
    """A document whose flat picture, which previews show, is the given one instead of the library's rendering."""

    def _update_preview(self) -> None:
        pass


def _document(found: Subject, background: Pixels, flat: Pixels, *, hidden: bool) -> bytes:
    document = _Document.frompil(Image.fromarray(flat), compression=Compression.RLE)
    back = document.create_pixel_layer(Image.fromarray(background), "background", compression=Compression.RLE)
    left, top, wide, high = cv2.boundingRect((found.alpha > 0).astype(np.uint8))
    box = slice(top, top + high), slice(left, left + wide)
    bare = np.where(found.alpha[box][..., None] > 0, found.colours[box], 0)  # one colour where nothing is seen: small
    front = document.create_pixel_layer(Image.fromarray(bare), "subject", top, left, Compression.RLE)
    mask = (found.alpha * 255 + 0.5).astype(np.uint8)
    front.create_mask(Image.fromarray(mask), top=0, left=0, compression=Compression.RLE)
    # Creating a layer with a Chinese name truncates the file; renaming one works.
    back.name, front.name = BACKGROUND, SUBJECT
    back.visible = not hidden
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
