"""Checks a deliverable against what its operation requires. An issue is a short sentence for staff and the retry."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image
from psd_tools import PSDImage

from adapters.imaging import measure
from adapters.imaging.arrays import Mask, Pixels, alpha_of, pixels_of
from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import flattened
from adapters.imaging.finish.framing import TWO_K
from adapters.imaging.finish.layers import BACKGROUND, SUBJECT
from adapters.imaging.limits import Limits
from adapters.imaging.networks.cut_out import ALMOST_ALL, ALMOST_NOTHING
from domain.ports import EncodedImage, FileCheck, Wish
from domain.texts.phrase import Said, said
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation

SAME_FRAMING = 0.55  # retouched pictures have at least 0.73; ones cropped by 5 % on each side at most 0.4
SAME_PICTURE = 1.2  # mean difference in grey levels: JPEG compression alone causes 0.9, enhancement at least 2.6
SHARPER = 1.06  # two resampling methods differ by up to 1.04
RATIO_TOLERANCE = 0.02
UNCHANGED = said("check.unchanged")


@dataclass(frozen=True)
class Case:
    """A deliverable and its original, each decoded once."""

    original: EncodedImage
    file: EncodedImage
    view: EncodedImage
    wish: Wish
    limits: Limits

    @cached_property
    def before(self) -> Image.Image:
        """The original."""
        return decode(self.original, self.limits)

    @cached_property
    def after(self) -> Image.Image:
        """What people see of the deliverable."""
        return decode(self.view, self.limits)

    @cached_property
    def pixels(self) -> tuple[Pixels, Pixels]:
        """The sRGB pixels of original and deliverable, on white where transparent."""
        return pixels_of(flattened(to_srgb(self.before))), pixels_of(flattened(to_srgb(self.after)))


Found = tuple[Said, dict[str, Any]]


def check(original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish, limits: Limits) -> FileCheck:
    """Measure a deliverable; `issue` is empty if it meets the requirements. Raises PictureUnreadable."""
    case = Case(original, file, view, wish, limits)
    issue, facts = CHECKS[wish.operation](case)
    outcome = Outcome.UNCHANGED if issue == UNCHANGED else Outcome.WRONG_FILE
    sizes = {"original_size": list(case.before.size), "view_size": list(case.after.size), "file_bytes": len(file.data)}
    return FileCheck(issue, sizes | facts, outcome)


def _enhanced(case: Case) -> Found:
    issue, facts = _retouched(case)
    long_side = max(case.after.size)
    if not case.wish.size and long_side < TWO_K:
        issue = issue or said("check.too_small", side=long_side, least=TWO_K)
    if facts["sharpness_gain"] < SHARPER:
        issue = issue or said("check.not_sharper")
    return issue, facts


def _retouched(case: Case) -> Found:
    facts = _compared(case)
    wished = case.wish.size
    if wished and case.after.size != (wished.width, wished.height):
        return _wrong_size(case), facts
    if facts["identical"]:
        return UNCHANGED, facts
    if not wished and abs(_ratio(case.after) / _ratio(case.before) - 1) > RATIO_TOLERANCE:
        return said("check.ratio"), facts
    if not wished and case.wish.operation is not Operation.EDIT and facts["framing"] < SAME_FRAMING:
        return said("check.framing"), facts
    return Said(), facts


def _cut_out(case: Case) -> Found:
    covered = _coverage(alpha_of(case.after))
    facts = {"alpha_coverage": round(covered, 4), "has_alpha": case.after.mode == "RGBA"}
    if case.file.content_type != "image/png" or case.after.mode != "RGBA" or covered > ALMOST_ALL:
        return said("check.no_alpha"), facts
    if covered < ALMOST_NOTHING:
        return said("check.no_subject"), facts
    return Said(), facts


def _layers(case: Case) -> Found:
    try:
        document = PSDImage.open(io.BytesIO(case.file.data))
        document.topil()  # a truncated file opens without an error until its last part is read
        names = [layer.name for layer in document]
        masks = {layer.name: _mask(layer) for layer in document if layer.has_mask()}
    except Exception as error:  # noqa: BLE001 - psd-tools' parser may raise any exception
        return said("check.psd_broken"), {"error": f"{type(error).__name__}: {error}"[:200]}
    covered = {name: round(_coverage(mask), 4) for name, mask in masks.items()}
    facts = {"layers": names, "mask_coverage": covered, "document_size": list(document.size)}
    if not {SUBJECT, BACKGROUND} <= set(names):
        return said("check.psd_layers", subject=SUBJECT, background=BACKGROUND), facts
    if not ALMOST_NOTHING < covered.get(SUBJECT, 0) < ALMOST_ALL:
        return said("check.psd_mask"), facts
    if document.size != case.after.size:
        return said("check.psd_size"), facts
    return Said(), facts


def _vector(case: Case) -> Found:
    text = case.file.data.decode("utf-8", "replace")
    facts = {"paths": text.count("<path"), "has_bitmap": "<image" in text or "data:image" in text}
    if "<svg" not in text or not facts["paths"]:
        return said("check.svg_empty"), facts
    if facts["has_bitmap"]:
        return said("check.svg_bitmap"), facts
    facts |= _compared(case)
    return (Said() if facts["framing"] >= SAME_FRAMING else said("check.svg_framing")), facts


def _resized(case: Case) -> Found:
    result = Image.open(io.BytesIO(case.file.data))
    dpi = round(float(result.info.get("dpi", (0, 0))[0]))
    kept = case.after.info.get("icc_profile") == case.before.info.get("icc_profile")
    facts = {"dpi": dpi, "profile_kept": kept}
    if case.wish.size is None:
        return said("check.no_size"), facts
    if case.after.size != (case.wish.size.width, case.wish.size.height):
        return _wrong_size(case), facts
    if case.wish.size.dpi and case.wish.size.dpi != dpi:
        return said("check.dpi", wanted=case.wish.size.dpi, found=dpi), facts
    return (Said() if kept else said("check.profile")), facts


def _compared(case: Case) -> dict[str, Any]:
    before, after = case.pixels
    difference = measure.difference(before, after)
    gain = measure.sharpness_gain(before, after)
    return {
        "framing": round(measure.framing(before, after), 3),
        "sharpness_gain": round(gain, 3),
        "difference": round(difference, 2),
        "identical": difference < SAME_PICTURE and abs(gain - 1) < SHARPER - 1,
    }


def _wrong_size(case: Case) -> Said:
    wished, (width, height) = case.wish.size, case.after.size
    assert wished is not None
    return said("check.size", wanted=f"{wished.width}x{wished.height}", found=f"{width}x{height}")


def _coverage(alpha: Mask) -> float:
    return float(alpha.mean())


def _mask(layer: Any) -> Mask:
    return np.asarray(layer.mask.topil(), np.float32) / 255


def _ratio(picture: Image.Image) -> float:
    return picture.width / picture.height


CHECKS: dict[Operation, Callable[[Case], Found]] = {
    Operation.ENHANCE: _enhanced,
    Operation.EDIT: _retouched,
    Operation.FIX_OLD_PHOTO: _retouched,
    Operation.REMOVE_BG: _cut_out,
    Operation.LAYERED: _layers,
    Operation.REMOVE_BG_AND_LAYER: _layers,
    Operation.VECTORIZE: _vector,
    Operation.RESIZE: _resized,
}
