"""Size limits for pictures: plain values, so that the worker's own process loads no image library."""

import math
from dataclasses import dataclass, replace

MEBIBYTE, MEGAPIXEL = 2**20, 10**6
FINISHED_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The largest and smallest picture that is accepted."""

    max_bytes: int = 30 * 1024 * 1024
    max_pixels: int = 50_000_000
    min_side: int = 16  # pixels; less shows nothing, and does not fit the networks' windows
    max_ratio: int = 50  # long side to short side; the longest phone screenshots have 40
    max_scans: int = 50  # of a JPEG: cameras write 1, programs up to 20; each costs a pass over the whole picture

    @property
    def finished(self) -> "Limits":
        """The limits for finished files that people hand in: layers and print files are large."""
        return replace(self.ours, max_bytes=FINISHED_BYTES)

    @property
    def ours(self) -> "Limits":
        """The limits for pictures that a model or Darkroom made: larger than those for customers' pictures."""
        return replace(
            self, max_bytes=10 * self.max_bytes, max_pixels=2 * self.max_pixels, max_ratio=10 * self.max_ratio
        )


def exceeding(amount: float, unit: int) -> str:
    """Return what exceeds a limit in units with one decimal, rounded up so that it never reads like the limit."""
    return f"{math.ceil(10 * amount / unit) / 10:.1f}".removesuffix(".0")
