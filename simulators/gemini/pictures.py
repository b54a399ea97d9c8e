"""Gemini's picture sizes, and the making of a picture."""

import numpy as np

from simulators.common.painting import Picture, as_jpeg, edit, open_picture

# The sizes of Gemini's 1K pictures by ratio; 2K and 4K are two and four times as large, 512 half.
SIZES = {
    "1:1": (1024, 1024), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:3": (1200, 896),
    "4:5": (928, 1152), "5:4": (1152, 928), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
}  # fmt: skip
SCALES = {"512": 0.5, "1K": 1, "2K": 2, "4K": 4}


def nearest_ratio(picture: Picture) -> str:
    """Return the supported ratio that is nearest to a picture's own."""
    own = picture.width / picture.height
    return min(SIZES, key=lambda ratio: abs(np.log(own * SIZES[ratio][1] / SIZES[ratio][0])))


def paint(data: bytes, prompt: str, image_size: str, aspect_ratio: str | None) -> bytes:
    """Return the edited picture as a JPEG. Raises ValueError for bad input, worded as Gemini does."""
    picture = open_picture(data)
    ratio = aspect_ratio or nearest_ratio(picture)
    if ratio not in SIZES:
        raise ValueError(f"Invalid aspect ratio: {ratio}.")
    width, height = SIZES[ratio]
    scale = SCALES[image_size]
    return as_jpeg(edit(picture, prompt, (round(width * scale), round(height * scale))))
