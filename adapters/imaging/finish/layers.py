"""The deliverable of `layered` and `remove_bg_and_layer`: a PSD with subject and text on layers of their own."""

import io
from typing import Any

import cv2
import numpy as np
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Compression

from adapters.imaging.arrays import Mask, Pixels, at_most, image_of, opaque
from adapters.imaging.colour import to_srgb
from adapters.imaging.encode import as_png
from adapters.imaging.finish.cutout import Subject, subject_of
from adapters.imaging.finish.lettering import lettering
from adapters.imaging.mixing import blended, foreground
from adapters.imaging.stripes import enlarged, stripes
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.pictures import Operation

SUBJECT, BACKGROUND, TEXT = "主体", "背景", "文字"
PSD_TYPE = "image/vnd.adobe.photoshop"
TOUCHED = 0.02  # alpha above which a background pixel may contain the subject
WHITE = (255, 255, 255)
SEAM = 600  # part of the side that the fill reaches over the subject's edge
FILL_SIDE = 320  # pixels: the fill is soft anyway, and large holes take long


def layered(_original: EncodedImage, before: Image.Image, after: Image.Image, wish: Wish) -> Deliverable:
    """Deliver a PSD of 主体 with a mask over a completed 背景, 文字 on its own if there is text, and a PNG view.

    For `remove_bg_and_layer` 背景 is included but hidden, so that the document opens transparent and nothing is lost.
    """
    found = subject_of(before, to_srgb(after))
    for picture in (before, after):
        picture.close()  # of a large one there is no room for a copy that is no longer needed
    hidden = wish.operation is Operation.REMOVE_BG_AND_LAYER
    text = None if hidden else lettering(found.pixels)
    if text is not None:
        found = Subject(text.below, found.alpha, foreground(text.below, found.alpha))
    background = filled_in(found.pixels, found.alpha)
    flat = blended(found.colours, found.alpha, WHITE if hidden else background)
    if text is not None:
        flat = blended(text.colours, text.alpha * np.float32(1 / 255), flat)
    view = as_png(image_of(found.colours, found.alpha) if hidden else image_of(flat))
    document = _Document.frompil(Image.fromarray(flat), compression=Compression.RLE)
    del flat
    _add(document, BACKGROUND, background).visible = not hidden
    _add(document, SUBJECT, found.colours, opaque(found.alpha))
    if text is not None:
        _add(document, TEXT, text.colours, text.alpha)
    out = io.BytesIO()
    document.save(out)
    return Deliverable(EncodedImage(out.getvalue(), PSD_TYPE), view, "psd")


def filled_in(pixels: Pixels, alpha: Mask) -> Pixels:
    """Return the background with the subject inpainted from its surroundings (Telea 2004, at a coarse size)."""
    small = at_most(pixels, FILL_SIDE)
    hole: Mask = (cv2.resize(alpha, small.shape[1::-1], interpolation=cv2.INTER_AREA) > TOUCHED).astype(np.uint8)
    hole = cv2.dilate(hole, np.ones((7, 7), np.uint8))
    if hole.all():
        return np.full_like(pixels, 255)
    filled = cv2.inpaint(small, hole, 5, cv2.INPAINT_TELEA)
    filled = np.where(hole[..., None] > 0, cv2.GaussianBlur(filled, (0, 0), 4), filled)
    # Only as far as the subject's edge reaches: around it the picture stays as sharp as it was.
    reach = 2 * (max(pixels.shape) // SEAM) + 3
    cover = cv2.dilate((alpha > TOUCHED).astype(np.uint8), np.ones((reach, reach), np.uint8))
    cover = cv2.blur(cover * np.uint8(255), (reach, reach))
    result = np.empty_like(pixels)
    for rows in stripes(pixels.shape):
        patch = enlarged(filled, pixels.shape, rows)
        result[rows] = blended(patch, cover[rows] * np.float32(1 / 255), pixels[rows])
    return result


class _Document(PSDImage):
    """A document whose flat picture, which previews show, is the given one instead of the library's rendering."""

    def _update_preview(self) -> None:
        pass


def _add(document: PSDImage, name: str, colours: Pixels, mask: Pixels | None = None) -> Any:
    """Add a layer, only as large as what its mask shows, and return it."""
    left, top, wide, high = (0, 0, *colours.shape[1::-1]) if mask is None else cv2.boundingRect(mask)
    box = slice(top, top + high), slice(left, left + wide)
    # One colour where nothing is seen takes no room.
    bare = colours if mask is None else cv2.copyTo(colours[box], mask[box])
    layer = document.create_pixel_layer(Image.fromarray(bare), "layer", top, left, Compression.RLE)
    if mask is not None:
        layer.create_mask(Image.fromarray(mask), top=0, left=0, compression=Compression.RLE)
    layer.name = name  # creating a layer with a Chinese name truncates the file; renaming one works
    return layer
