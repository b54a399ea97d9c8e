"""Facts about the file: its size, format and parts, and whether anything was done at all."""

import io
from typing import Any

import numpy as np
from PIL import Image
from psd_tools import PSDImage

from adapters.imaging import measure
from adapters.imaging.arrays import Mask, alpha_of
from adapters.imaging.check.facts import HOPELESS, Fact, FailureKind, at_most, must
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.tiles import compared
from adapters.imaging.finish.framing import TWO_K
from adapters.imaging.finish.layers import BACKGROUND, SUBJECT
from adapters.imaging.networks.cut_out import ALMOST_ALL, ALMOST_NOTHING
from domain.texts.phrase import Said, said
from domain.vocabulary.pictures import TargetSize

SAME_PICTURE = 1.2  # mean difference in grey levels: JPEG compression alone causes 0.9, enhancement at least 2.6
SAME_TILE = 0.3  # change of one tile; JPEG compression alone causes 0.15
SHARPER = 1.06  # two resampling methods differ by up to 1.04
RATIO_TOLERANCE = 0.02
UNSURE_ALPHA = 0.25  # share of half-transparent pixels from which the network was unsure
CLEAR, OPAQUE = 0.1, 0.9  # alpha
FILE, FRAME = FailureKind.FILE, FailureKind.FRAME


def size(pair: Pair) -> list[Fact]:
    """The size in pixels, if one was asked for."""
    wished = pair.wish.size
    if not wished:
        return []
    is_exact = pair.after.size == (wished.width, wished.height)
    return [must("size", is_exact, FILE, _wrong_size(wished, pair.after))]


def size_asked(pair: Pair) -> list[Fact]:
    """The size in pixels; `resize` cannot do without one."""
    return size(pair) or [must("size", False, FILE, said("check.no_size"))]


def ratio(pair: Pair) -> list[Fact]:
    """The proportions of the original, unless a size was asked for."""
    if pair.wish.size:
        return []
    change = abs(_ratio(pair.after) / _ratio(pair.before) - 1)
    return [at_most("ratio_change", change, RATIO_TOLERANCE, FRAME, said("check.ratio"))]


def long_side(pair: Pair) -> list[Fact]:
    """The long side, at least 2K unless a size was asked for."""
    side = max(pair.after.size)
    issue = said("check.too_small", side=side, least=TWO_K)
    return [] if pair.wish.size else [must("long_side", side >= TWO_K, FILE, issue, 50)]


def same_picture(pair: Pair) -> list[Fact]:
    """Whether anything was done, anywhere: the difference in grey levels, the gain in sharpness, the worst tile."""
    difference, gain = pair.once(change)
    is_sharper = abs(gain - 1) >= SHARPER - 1
    is_changed = difference >= SAME_PICTURE or is_sharper or pair.once(compared).most >= SAME_TILE
    issue = said("check.unchanged")
    points = 0 if is_changed else HOPELESS
    return [Fact("difference", difference, SAME_PICTURE, is_changed, FailureKind.UNCHANGED, issue, points)]


def change(pair: Pair) -> tuple[float, float]:
    """Return the mean difference in grey levels, and how many times steeper the result's edges are."""
    return measure.change(pair.full_old, pair.full_new)


def sharpness(pair: Pair) -> list[Fact]:
    """Whether the result is sharper than the original."""
    _, gain = pair.once(change)
    points = 0 if gain >= SHARPER else 50
    issue = said("check.not_sharper")
    return [Fact("sharpness_gain", gain, SHARPER, gain >= SHARPER, FailureKind.REQUEST, issue, points)]


def transparency(pair: Pair) -> list[Fact]:
    """A PNG with an alpha channel that separates something from something, for the most part clearly."""
    alpha = alpha_of(pair.after)
    covered, unsure = _coverage(alpha), float(((alpha > CLEAR) & (alpha < OPAQUE)).mean())
    is_cut = pair.view.content_type == "image/png" and pair.after.mode == "RGBA" and covered <= ALMOST_ALL
    return [
        must("has_alpha", is_cut, FILE, said("check.no_alpha"), alpha_coverage=round(covered, 4)),
        must("has_subject", covered >= ALMOST_NOTHING, FailureKind.CONTENT, said("check.no_subject")),
        at_most("unsure_alpha", unsure, UNSURE_ALPHA, FailureKind.DAMAGE, said("check.unsure_alpha")),
    ]


def layers(pair: Pair) -> list[Fact]:
    """A PSD that opens, with both layers and a mask that separates them."""
    try:
        document = PSDImage.open(io.BytesIO(pair.file.data))
        document.topil()  # a truncated file opens without an error until its last part is read
        names = [layer.name for layer in document]
        masks = {layer.name: _mask(layer) for layer in document if layer.has_mask()}
    except Exception as error:  # noqa: BLE001 - psd-tools' parser may raise any exception
        text = f"{type(error).__name__}: {error}"[:200]
        return [must("psd_opens", False, FILE, said("check.psd_broken"), error=text)]
    covered = {name: round(_coverage(mask), 4) for name, mask in masks.items()}
    details: dict[str, Any] = {"layers": names, "mask_coverage": covered, "document_size": list(document.size)}
    missing = said("check.psd_layers", subject=SUBJECT, background=BACKGROUND)
    is_parted = ALMOST_NOTHING < covered.get(SUBJECT, 0) < ALMOST_ALL
    return [
        must("has_layers", {SUBJECT, BACKGROUND} <= set(names), FILE, missing, **details),
        must("has_mask", is_parted, FailureKind.CONTENT, said("check.psd_mask")),
        must("psd_size", document.size == pair.after.size, FILE, said("check.psd_size")),
    ]


def resolution(pair: Pair) -> list[Fact]:
    """The dots per inch that were asked for."""
    dpi = round(float(Image.open(io.BytesIO(pair.file.data)).info.get("dpi", (0, 0))[0]))
    wanted = pair.wish.size.dpi if pair.wish.size else None
    issue = said("check.dpi", wanted=wanted, found=dpi)
    return [must("has_dpi", not wanted or wanted == dpi, FILE, issue, 60, dpi=dpi)]


def profile(pair: Pair) -> list[Fact]:
    """The original's colour profile."""
    is_kept = pair.after.info.get("icc_profile") == pair.before.info.get("icc_profile")
    return [must("profile_kept", is_kept, FILE, said("check.profile"), 50)]


def _wrong_size(wished: TargetSize, found: Image.Image) -> Said:
    return said("check.size", wanted=f"{wished.width}x{wished.height}", found=f"{found.width}x{found.height}")


def _coverage(alpha: Mask) -> float:
    return float(alpha.mean())


def _mask(layer: Any) -> Mask:
    return np.asarray(layer.mask.topil(), np.float32) / 255


def _ratio(picture: Image.Image) -> float:
    return picture.width / picture.height
