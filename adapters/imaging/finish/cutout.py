"""The deliverable of `remove_bg`: a PNG whose alpha channel is the subject."""

import cv2
import numpy as np
from PIL import Image

from adapters.imaging.arrays import Mask, Pixels, image_of, pixels_of
from adapters.imaging.encode import as_png
from adapters.imaging.finish.framing import in_frame
from adapters.imaging.networks.cut_out import find_subject, with_subject
from domain.ports import Deliverable, EncodedImage, Wish


def cut_out(_original: EncodedImage, before: Image.Image, after: Image.Image, _wish: Wish) -> Deliverable:
    """Deliver `remove_bg`: the raw picture's own alpha if it has one, else the network's cut-out."""
    pixels, alpha = subject_of(before, after)
    clean = foreground(pixels, alpha)
    file = as_png(image_of(clean, alpha, before.info.get("icc_profile")))
    return Deliverable(file, file, "png")


def subject_of(before: Image.Image, after: Image.Image) -> tuple[Pixels, Mask]:
    """Return the pixels of the framed raw picture and how much each belongs to the subject.

    Raises PictureUnreadable if no subject is found.
    """
    opaque = in_frame(before, after.convert("RGB"))
    if after.mode == "RGBA":
        # Resampled separately: with RGBA together transparent pixels would turn black.
        alpha = in_frame(before, after.getchannel("A"))
        return pixels_of(opaque), with_subject(np.asarray(alpha, np.float32) / 255)
    return pixels_of(opaque), find_subject(pixels_of(opaque))


def foreground(pixels: Pixels, alpha: Mask) -> Pixels:
    """Estimate the subject's own colours where they mix with the background (blur fusion, Forte 2021).

    Without it hair and edges show a fringe of the old background on the new one.
    """
    weight = alpha[..., None]
    front = back = pixels.astype(np.float32)
    for radius in (max(pixels.shape) // 12, max(pixels.shape) // 120):
        window = (2 * radius + 1, 2 * radius + 1)
        share = cv2.blur(alpha, window)[..., None]
        front = cv2.blur(front * weight, window) / (share + 1e-5)
        back = cv2.blur(back * (1 - weight), window) / (1 - share + 1e-5)
        front = np.clip(front + weight * (pixels - weight * front - (1 - weight) * back), 0, 255)
    return (front + 0.5).astype(np.uint8)
