"""An original and its result, decoded and aligned once for all measuring functions."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from PIL import Image

from adapters.imaging.align import Aligned, aligned
from adapters.imaging.arrays import Grey, Mask, Pixels, grey_of, pixels_of
from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.encode import flattened
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, Wish
from domain.vocabulary.sizes import keeps_all

Read = TypeVar("Read")
MOST_FOUND = 64  # readings of originals: faces, boxes, or a number
_FOUND: dict[tuple[bytes, Callable[..., Any]], Any] = {}  # of this process, the latest last


@dataclass(frozen=True, eq=False)
class Pair:
    """A result and its original. Everything is computed when it is first asked for; may raise PictureUnreadable."""

    original: EncodedImage
    file: EncodedImage
    view: EncodedImage
    wish: Wish
    limits: Limits

    @cached_property
    def before(self) -> Image.Image:
        """The original, upright."""
        return decode(self.original, self.limits)

    @cached_property
    def after(self) -> Image.Image:
        """What people see of the result."""
        return decode(self.view, self.limits)

    @cached_property
    def full_old(self) -> Pixels:
        """The original's sRGB pixels at its own size, on white where transparent."""
        return pixels_of(flattened(to_srgb(self.before)))

    @cached_property
    def full_new(self) -> Pixels:
        """The result's sRGB pixels at its own size, on white where transparent, without the edges of a sheet."""
        return self._without_edges(pixels_of(flattened(to_srgb(self.after))))

    def _without_edges(self, pixels: Pixels) -> Pixels:
        """Cut the white edges off with which a picture is shown whole in a size of other proportions."""
        size, (width, height) = self.wish.size, self.before.size
        if size is None or not keeps_all(size, width, height):
            return pixels
        scale = min(pixels.shape[1] / width, pixels.shape[0] / height)
        across, down = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = (pixels.shape[1] - across) // 2, (pixels.shape[0] - down) // 2
        return pixels[top : top + down, left : left + across]

    @cached_property
    def aligned(self) -> Aligned:
        """Both at the same working size, the result brought onto the original."""
        return aligned(self.full_old, self.full_new)

    @property
    def old(self) -> Pixels:
        """The original at working size."""
        return self.aligned.old

    @property
    def new(self) -> Pixels:
        """The result at working size, aligned with `old`."""
        return self.aligned.new

    @property
    def valid(self) -> Mask:
        """Where the aligned result covers the original, as bool; compare nothing elsewhere."""
        return self.aligned.valid

    @property
    def homography(self) -> Mask:
        """The 3 x 3 matrix from the result's pixels to the original's, both at working size."""
        return self.aligned.homography

    @cached_property
    def old_luma(self) -> Grey:
        """The luma of `old`."""
        return grey_of(self.old)

    @cached_property
    def new_luma(self) -> Grey:
        """The luma of `new`."""
        return grey_of(self.new)

    @cached_property
    def _readings(self) -> dict[Callable[["Pair"], Any], Any]:
        return {}

    @cached_property
    def _digest(self) -> bytes:
        return hashlib.sha256(self.original.data).digest()

    def of_original(self, read: Callable[["Pair"], Read]) -> Read:
        """Return `read(self)`, which depends on the original alone: remembered for its other results."""
        key = (self._digest, read)
        found: Read = _FOUND.pop(key) if key in _FOUND else read(self)
        _FOUND[key] = found
        if len(_FOUND) > MOST_FOUND:
            del _FOUND[next(iter(_FOUND))]
        return found

    def once(self, read: Callable[["Pair"], Read]) -> Read:
        """Return `read(self)`, computed only once: for costly readings that several facts need, such as faces."""
        if read not in self._readings:
            self._readings[read] = read(self)
        reading: Read = self._readings[read]
        return reading
