"""The local model's quality score: 100 minus the points for each measured fault."""

from operator import itemgetter

from adapters.imaging import measure
from adapters.imaging.arrays import Pixels, alpha_of, pixels_of
from adapters.imaging.check.requirements import SAME_FRAMING, SAME_PICTURE, SHARPER
from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import flattened
from adapters.imaging.limits import Limits
from adapters.imaging.make import CUT_OUTS
from adapters.imaging.networks.cut_out import ALMOST_ALL, ALMOST_NOTHING
from domain.ports import EncodedImage, Wish
from domain.texts.phrase import Said, said
from domain.vocabulary.pictures import Look, Operation

Fault = tuple[int, Said]  # points deducted, and why
REFRAMED = {Operation.RESIZE, Operation.EDIT, *CUT_OUTS}  # operations that change the framing
SHARPENED = {Operation.ENHANCE}
RETOUCHED = {Operation.EDIT, Operation.FIX_OLD_PHOTO}
UNSURE_ALPHA = 0.25  # share of half-transparent pixels from which the network was unsure
GOOD_FRAMING, GOOD_GAIN = 0.9, 1.2
CLEAR, OPAQUE = 0.1, 0.9  # alpha
BLACK, WHITE = 2, 253  # grey levels
BURNT = 0.05  # additional share of the picture that is clipped


def score(original: EncodedImage, result: EncodedImage, wish: Wish, limits: Limits) -> Look:
    """Compare a result with its original; the worst fault becomes the issue. Raises PictureUnreadable."""
    before, after = decode(original, limits), decode(result, limits)
    first, second = pixels_of(flattened(to_srgb(before))), pixels_of(flattened(to_srgb(after)))
    faults = [*_framing(first, second, wish), *_change(first, second, wish), *_light(first, second, wish)]
    if wish.operation in {Operation.REMOVE_BG, Operation.REMOVE_BG_AND_LAYER}:
        alpha = alpha_of(after)
        faults += _alpha(float(alpha.mean()), float(((alpha > CLEAR) & (alpha < OPAQUE)).mean()))
    lost = sum(points for points, _ in faults)
    return Look(score=max(0, min(100, 96 - lost)), issue=max(faults, key=itemgetter(0))[1] if faults else Said())


def _framing(before: Pixels, after: Pixels, wish: Wish) -> list[Fault]:
    if wish.operation in REFRAMED or wish.size:
        return []
    likeness = measure.framing(before, after)
    if likeness < SAME_FRAMING:
        return [(60, said("check.framing"))]
    return [(round((1 - likeness) * 40), said("check.outline"))] if likeness < GOOD_FRAMING else []


def _change(before: Pixels, after: Pixels, wish: Wish) -> list[Fault]:
    if wish.operation in RETOUCHED and measure.difference(before, after) < SAME_PICTURE:
        return [(50, said("check.unchanged"))]
    if wish.operation in SHARPENED:
        gain = measure.sharpness_gain(before, after)
        if gain < SHARPER:
            return [(50, said("check.not_sharper"))]
        return [(round((GOOD_GAIN - gain) * 60), said("check.hardly_sharper"))] if gain < GOOD_GAIN else []
    return []


def _light(before: Pixels, after: Pixels, wish: Wish) -> list[Fault]:
    """Find clipped highlights and shadows."""
    if wish.operation in {Operation.EDIT, *CUT_OUTS}:
        return []
    lost = _at_the_ends(after) - _at_the_ends(before)
    return [(min(25, round(lost * 200)), said("check.light"))] if lost > BURNT else []


def _at_the_ends(pixels: Pixels) -> float:
    return float(((pixels < BLACK) | (pixels > WHITE)).mean())


def _alpha(covered: float, unsure: float) -> list[Fault]:
    if covered > ALMOST_ALL:
        return [(70, said("check.no_alpha"))]
    if covered < ALMOST_NOTHING:
        return [(90, said("check.no_subject"))]
    return [(35, said("check.unsure_alpha"))] if unsure > UNSURE_ALPHA else []
