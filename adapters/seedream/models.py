"""The capabilities of each Seedream model; a model rejects parameters that it does not support."""

import math
from dataclasses import dataclass
from typing import Any

from domain.ports import InputLimits, Wish

PIXELS_OF_2K = 2048 * 2048
WIDEST = 15.9  # ratio of the sides: Ark's limit is 16, which rounding to whole pixels may exceed

INPUTS = InputLimits(most_bytes=10_000_000, most_pixels=36_000_000, widest=3)


@dataclass(frozen=True)
class Capabilities:
    """The capabilities of a model. Without `pixels` a named size is requested."""

    pixels: tuple[int, int] | None = None  # minimum and maximum area for sizes given as WIDTHxHEIGHT
    named_size: str = "2K"
    most_pictures: int = 1  # per call, if it supports `sequential_image_generation`
    output_format: str | None = None  # if it is selectable
    inputs: InputLimits = INPUTS


MODELS: dict[str, Capabilities] = {
    "doubao-seedream-4-0-250828": Capabilities((921_600, 16_777_216), most_pictures=14),
    "doubao-seedream-4-5-251128": Capabilities((3_686_400, 16_777_216), most_pictures=14),
    "doubao-seedream-5-0-260128": Capabilities((3_686_400, 10_404_496), most_pictures=14, output_format="png"),
}
CAUTIOUS = Capabilities()  # of a model not in the table, such as the shop's own endpoint


def of_model(model: str) -> Capabilities:
    """Return the capabilities of a model; for an unknown one, those that all models have."""
    return MODELS.get(model, CAUTIOUS)


def parameters(takes: Capabilities, wish: Wish, aspect_ratio: str, pictures: int) -> dict[str, Any]:
    """Return the parameters of a call besides model, prompt and picture. `aspect_ratio` is `width:height`.

    They disable the visible watermark, which is on by default.
    """
    asked: dict[str, Any] = {
        "size": _size(takes, wish, aspect_ratio),
        "response_format": "url",
        "watermark": False,
    }
    if takes.output_format:
        asked["output_format"] = takes.output_format
    if takes.most_pictures > 1:
        asked["sequential_image_generation"] = "auto" if pictures > 1 else "disabled"
    if pictures > 1:
        asked["sequential_image_generation_options"] = {"max_images": pictures}
    return asked


def _size(takes: Capabilities, wish: Wish, aspect_ratio: str) -> str:
    """Return a size of about 2K in the given ratio, larger if needed, within the limits of the model."""
    if takes.pixels is None:
        return takes.named_size
    least, most = takes.pixels
    owed = wish.size.width * wish.size.height if wish.size else 0
    pixels = min(max(owed, PIXELS_OF_2K, least), most)
    width, _, height = aspect_ratio.partition(":")
    ratio = min(max(float(width) / float(height), 1 / WIDEST), WIDEST)
    wide = math.floor(math.sqrt(pixels * ratio))
    return f"{wide}x{math.floor(wide / ratio)}"
