"""How large a picture may be: plain values, so that the worker's own process loads no picture library."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """The largest and smallest picture that is worked on."""

    max_bytes: int = 30 * 1024 * 1024
    max_pixels: int = 50_000_000
    min_side: int = 16  # pixels; below this there is nothing to see, and the networks' windows do not fit
    max_ratio: int = 50  # of the long side to the short one: a telephone's longest screenshots have 40
    max_scans: int = 50  # of a JPEG: cameras write 1, programs up to 20; each is decoded over all of the picture

    @property
    def ours(self) -> "Limits":
        """What a model or we made of a picture may be larger than what a customer may send."""
        return replace(
            self, max_bytes=10 * self.max_bytes, max_pixels=2 * self.max_pixels, max_ratio=10 * self.max_ratio
        )
