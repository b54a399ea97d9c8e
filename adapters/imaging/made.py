"""What the local model made: plain values, so that the worker's own process loads no picture library."""

from dataclasses import dataclass, field

from domain.ports import EncodedImage


@dataclass(frozen=True)
class Made:
    """A raw picture, the honest name of what made it, and how."""

    image: EncodedImage
    model: str
    parameters: dict[str, str] = field(default_factory=dict)
