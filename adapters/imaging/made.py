"""The local model's result: plain values, so that the worker's own process loads no image library."""

from dataclasses import dataclass, field

from domain.ports import EncodedImage


@dataclass(frozen=True)
class Made:
    """A raw picture, the name of the model that really made it, and its parameters."""

    image: EncodedImage
    model: str
    parameters: dict[str, str] = field(default_factory=dict)
