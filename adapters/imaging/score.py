"""The local model's quality score, from the same facts as the check of the file."""

from adapters.imaging.check import look_of, looked_at
from adapters.imaging.check.pair import Pair
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, Wish
from domain.vocabulary.pictures import Look


def score(original: EncodedImage, result: EncodedImage, wish: Wish, limits: Limits) -> Look:
    """Compare a result with its original; the worst fault becomes the issue. Raises PictureUnreadable."""
    return look_of(looked_at(Pair(original, result, result, wish, limits)))
