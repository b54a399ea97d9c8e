"""Restores old photographs: stains, scratches, fading and yellowing. What is damage is found on a smaller copy."""

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels, at_most, grey_of
from adapters.imaging.measure import noise
from adapters.imaging.repair.scratches import scratches
from adapters.imaging.repair.stains import SIDE, Stains, tone_of, without_stains
from adapters.imaging.stripes import enlarged, stripes
from adapters.imaging.text_mask import text_mask

BESIDE = 64  # rows that filling a scratch sees above and below a stripe
LOUD = 4.0  # grey levels: less is the grain of the photograph, and stays
SOFTENED = 0.5  # how much of louder grain is taken away
MOST_SOFTENED = 2_000_000  # pixels: of larger pictures the grain is not seen, and softening takes long
YELLOWED = 12  # grey levels of red over blue
COLOURLESS = 0.94  # how far the tone of a monochrome photograph is taken away


def restore(pixels: Pixels) -> Pixels:
    """Return the photograph in the same size, with stains and scratches filled and the tones balanced."""
    small = at_most(pixels, SIDE)
    tone = tone_of(small)
    clean = _cleaned(pixels, tone.stains) if tone.stains else pixels
    mended = _filled(clean, damage(clean, is_aged=tone.is_monochrome and _is_yellowed(small)))
    return _unfaded(_calmed(mended), is_grey=tone.is_monochrome)


def damage(pixels: Pixels, *, is_aged: bool = False) -> Mask:
    """Return a uint8 mask, 255 on scratches and creases."""
    small = at_most(pixels, SIDE)
    mask = scratches(grey_of(small), is_aged=is_aged)
    if mask.any():  # reading takes a second, so it is done only where there is something to protect
        mask[_in_text(mask, small)] = 0
    return cv2.resize(mask, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def _in_text(mask: Mask, small: Pixels) -> Mask:
    _, labels = cv2.connectedComponents(mask)
    text = text_mask(small) > 0
    found = [number for number in np.unique(labels[text & (mask > 0)]) if (text[labels == number]).mean() > SOFTENED]
    within: Mask = np.isin(labels, found)
    return within


def _is_yellowed(pixels: Pixels) -> bool:
    red, _, blue = (float(value) for value in np.median(pixels.reshape(-1, 3), axis=0))
    return red - blue > YELLOWED


def _cleaned(pixels: Pixels, stains: Stains) -> Pixels:
    result = np.empty_like(pixels)
    for rows in stripes(pixels.shape):
        result[rows] = without_stains(pixels[rows], stains, enlarged(stains.density, pixels.shape, rows))
    return result


def _filled(pixels: Pixels, mask: Mask) -> Pixels:
    """Fill the mask from its surroundings (Telea 2004), with the grain of what lies beside it."""
    if not mask.any():
        return pixels
    result = pixels.copy()
    radius = max(3, round(3 * max(pixels.shape) / SIDE))
    for rows in stripes(pixels.shape):
        if mask[rows].any():
            seen = slice(max(0, rows.start - BESIDE), rows.stop + BESIDE)
            part = cv2.inpaint(pixels[seen], mask[seen], radius, cv2.INPAINT_TELEA)
            made = _grained(part, pixels[seen], mask[seen], 4 * radius)
            result[rows] = made[rows.start - seen.start :][: rows.stop - rows.start]
    return result


def _grained(filled: Pixels, pixels: Pixels, mask: Mask, apart: int) -> Pixels:
    holes = mask > 0
    clean = np.where(holes[..., None], filled, pixels)
    grain = clean.astype(np.int16) - cv2.GaussianBlur(clean, (0, 0), 1.5)
    beside = np.roll(grain, apart, axis=1)
    is_known = ~np.roll(holes, apart, axis=1)
    place = holes & is_known
    clean[place] = np.clip(clean[place] + beside[place], 0, 255)
    return clean


def _calmed(pixels: Pixels) -> Pixels:
    """Soften loud grain by half; what is left of it keeps the photograph from looking painted."""
    strength = noise(at_most(pixels, SIDE))
    if strength < LOUD or pixels.shape[0] * pixels.shape[1] > MOST_SOFTENED:
        return pixels
    soft = cv2.fastNlMeansDenoisingColored(pixels, None, strength, 10, 5, 15)
    return cv2.addWeighted(soft, SOFTENED, pixels, 1 - SOFTENED, 0)


def _unfaded(pixels: Pixels, *, is_grey: bool) -> Pixels:
    """Stretch each channel towards the full scale, which also removes a yellow cast, then the lightness locally."""
    sample = at_most(pixels, SIDE).reshape(-1, 3)
    low, high = np.percentile(sample, (0.5, 99.5), axis=0)
    steps = np.arange(256)[:, None]
    stretched = (steps - low) / np.maximum(high - low, 32) * 255
    curves = np.clip(0.15 * steps + 0.85 * stretched, 0, 255).astype(np.uint8)
    balanced = cv2.LUT(pixels, curves[None])
    lab: Pixels = cv2.cvtColor(balanced, cv2.COLOR_RGB2LAB)
    light = cv2.createCLAHE(clipLimit=1.3, tileGridSize=(4, 4)).apply(lab[..., 0])
    lab[..., 0] = cv2.addWeighted(light, 0.5, np.ascontiguousarray(lab[..., 0]), 0.5, 0)
    if is_grey:
        neutral = (128 + (1 - COLOURLESS) * (np.arange(256) - 128) + 0.5).astype(np.uint8)
        lab = cv2.LUT(lab, np.stack([np.arange(256, dtype=np.uint8), neutral, neutral], axis=1)[None])
    result: Pixels = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return result
