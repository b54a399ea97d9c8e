"""Estimates of how long the models take: plain constants, so that the order and the status page agree at no cost."""

import math
from collections.abc import Iterable

from domain.order.picture import Picture
from domain.vocabulary.pictures import Operation, StoredPicture

MAKING_SECONDS = 20  # for an operation that is not listed
MAKING: dict[Operation, int] = {
    Operation.ENHANCE: 30,
    Operation.REMOVE_BG: 10,
    Operation.LAYERED: 15,
    Operation.REMOVE_BG_AND_LAYER: 15,
    Operation.VECTORIZE: 20,
    Operation.RESIZE: 5,
    Operation.FIX_OLD_PHOTO: 25,
}
SECONDS_PER_MEGAPIXEL = 1.0
CHECKING_SECONDS = 8
USUAL_MEGAPIXELS = 2.0
MEGAPIXEL = 1_000_000
CERTAIN = 0.8  # the share of the expected time up to which the percentage grows evenly
MOST_PERCENT = 99


def making_seconds(operation: Operation | None, original: StoredPicture | None) -> float:
    """Return the expected seconds of one attempt at a picture, without its quality check."""
    pixels = original.width * original.height / MEGAPIXEL if original else USUAL_MEGAPIXELS
    base = MAKING.get(operation, MAKING_SECONDS) if operation else MAKING_SECONDS
    return base + SECONDS_PER_MEGAPIXEL * pixels


def minutes(pictures: Iterable[Picture]) -> int:
    """Return the expected minutes for making these pictures, rounded up and at least 1."""
    seconds = sum(making_seconds(picture.operation, picture.original) + CHECKING_SECONDS for picture in pictures)
    return max(1, math.ceil(seconds / 60))


def percent(seconds: float, expected: float) -> int:
    """Return the progress of a step after this many seconds, in percent: at most 99.

    It grows evenly at first and slows down towards the end, so a step that takes longer than expected still moves.
    """
    share = max(0.0, seconds) / max(expected, 1.0)
    if share > CERTAIN:
        share = 1 - (1 - CERTAIN) * math.exp(-(share - CERTAIN) / (1 - CERTAIN))
    return min(MOST_PERCENT, int(100 * share))
