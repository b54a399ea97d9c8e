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
from adapters.imaging.finish.cutout import foreground, subject_of
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.pictures import Operation

SUBJECT, BACKGROUND = "主体", "背景"
PSD_TYPE = "image/vnd.adobe.photoshop"
TOUCHED = 0.02  # alpha above which a background pixel may contain the subject
FILL_SIDE = 320  # pixels: the fill is soft anyway, and large holes take long


def layered(_original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver a PSD of two layers, 主体 with a mask over a completed 背景, and a PNG view.

    For `remove_bg_and_layer` 背景 is included but hidden, so that the document opens transparent and nothing is lost.
    """
    pixels, alpha = subject_of(before, to_srgb(after))
    transparent = wish.operation is Operation.REMOVE_BG_AND_LAYER
    background = filled_in(pixels, alpha)
    subject = foreground(pixels, alpha)
    view = image_of(subject, alpha) if transparent else _together(subject, alpha, background)
    document = _document(subject, alpha, background, hidden=transparent)
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
    size = pixels.shape[1::-1]
    patch = cv2.resize(filled, size, interpolation=cv2.INTER_CUBIC)
    seam = cv2.resize(cv2.GaussianBlur(hole * 255, (0, 0), 1), size, interpolation=cv2.INTER_LINEAR)
    return _blend(patch, seam.astype(np.float32) / 255, pixels)


def _document(subject: Pixels, alpha: Mask, background: Pixels, *, hidden: bool) -> bytes:
    height, width = alpha.shape
    document = PSDImage.new("RGB", (width, height))
    back = document.create_pixel_layer(Image.fromarray(background), "background", compression=Compression.RLE)
    front = document.create_pixel_layer(Image.fromarray(subject), "subject", compression=Compression.RLE)
    front.create_mask(Image.fromarray((alpha * 255 + 0.5).astype(np.uint8)))
    # Creating a layer with a Chinese name truncates the file; renaming one works.
    back.name, front.name = BACKGROUND, SUBJECT
    back.visible = not hidden
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _together(subject: Pixels, alpha: Mask, background: Pixels) -> Image.Image:
    return Image.fromarray(_blend(subject, alpha, background))


def _blend(above: Pixels, alpha: Mask, below: Pixels) -> Pixels:
    weight = alpha[..., None]
    blended: Pixels = (above * weight + below * (1 - weight) + 0.5).astype(np.uint8)
    return blended
