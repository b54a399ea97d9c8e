"""The deliverable of `remove_bg`: a PNG whose alpha channel is the subject."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from adapters.imaging.arrays import Mask, Pixels, image_of, pixels_of
from adapters.imaging.encode import as_png
from adapters.imaging.finish.framing import in_frame
from adapters.imaging.mixing import foreground
from adapters.imaging.networks.cut_out import with_subject
from adapters.imaging.subject import subject
from domain.ports import Deliverable, EncodedImage, Wish

ANOTHER = 0.01  # mean difference of two alpha channels of which one is not a copy of the other


@dataclass(frozen=True)
class Subject:
    """A framed raw picture, how much each pixel belongs to the subject, and the subject's own colours."""

    pixels: Pixels
    alpha: Mask
    colours: Pixels


def cut_out(_original: EncodedImage, before: Image.Image, after: Image.Image, _wish: Wish) -> Deliverable:
    """Deliver `remove_bg`: the raw picture's own alpha if it is a cut-out, else the network's."""
    found = subject_of(before, after)
    file = as_png(image_of(found.colours, found.alpha, before.info.get("icc_profile")))
    return Deliverable(file, file, "png")


def subject_of(before: Image.Image, after: Image.Image) -> Subject:
    """Return the subject of a raw picture. Raises PictureUnreadable if none is found.

    Alpha that the original had already is not the work of a model, and may leave a background in.
    """
    pixels = pixels_of(in_frame(before, after.convert("RGB")))
    own = _alpha(before, before, pixels)
    made = _alpha(before, after, pixels)
    if made is not None and (own is None or float(np.abs(made - own).mean()) > ANOTHER):
        return Subject(pixels, with_subject(made), foreground(pixels, made))
    alpha = subject(pixels, own)
    return Subject(pixels, alpha, pixels if alpha is own else foreground(pixels, alpha))


def _alpha(before: Image.Image, picture: Image.Image, pixels: Pixels) -> Mask | None:
    """Return the alpha channel of a picture in the frame of the pixels, or None if it has none.

    It is resampled apart from the colours: together transparent pixels would turn black.
    """
    if picture.mode != "RGBA":
        return None
    framed = in_frame(before, picture.getchannel("A"))
    if framed.size != pixels.shape[1::-1]:
        framed = framed.resize(pixels.shape[1::-1], Image.Resampling.LANCZOS)
    return np.asarray(framed, np.float32) / 255
