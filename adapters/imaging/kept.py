"""What was kept of a user's picture: plain values, so that the gateway's own process loads no picture library."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KeptPicture:
    """The copy that was written to disk, and the size of its thumbnail; sizes in bytes."""

    content_type: str
    width: int
    height: int
    size: int
    thumbnail_size: int
