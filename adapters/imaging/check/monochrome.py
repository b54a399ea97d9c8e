"""Tells whether an original is a monochrome photograph, whose yellowing and stains are no colours to keep."""

from adapters.imaging.arrays import at_most
from adapters.imaging.check.pair import Pair
from adapters.imaging.repair.stains import SIDE, tone_of


def is_monochrome(pair: Pair) -> bool:
    """Whether the original has no colours of its own."""
    return tone_of(at_most(pair.old, SIDE)).is_monochrome
