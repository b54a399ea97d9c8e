"""Seedream's pictures: decodes the input, and makes the results from the first one."""

import base64
import math

import cv2
import httpx
import numpy as np
from PIL import Image, ImageFilter

from simulators.ark.wire import MODELS, ImagesRequest, invalid
from simulators.common.painting import Picture, edit, encoded, open_picture

LARGEST_INPUT = 10 * 2**20  # bytes
MOST_PIXELS, WIDEST, SMALLEST_SIDE = 6000 * 6000, 3, 15  # of an input picture
TIMEOUT_SECONDS = 10.0  # for downloading an input picture
STEP = 16  # pixels; sides that the model chooses are multiples of it
MARK = "AI生成"
NOT_READ = "the image cannot be downloaded or decoded."


def read_inputs(asked: ImagesRequest) -> list[bytes]:
    """Return the input pictures. Raises ArkError for one that is unreadable or too large."""
    inputs = [_read(link) for link in asked.images]
    for data in inputs:
        if len(data) > LARGEST_INPUT:
            raise invalid("image", f"an image has {LARGEST_INPUT} bytes at most.")
        try:
            _check_shape(*open_picture(data).size)
        except ValueError as problem:
            raise invalid("image", NOT_READ) from problem
    return inputs


def _check_shape(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise invalid("image", f"an image has {MOST_PIXELS} pixels at most.")
    if min(width, height) < SMALLEST_SIDE or max(width, height) > WIDEST * min(width, height):
        raise invalid("image", f"the sides are longer than 14 px, their ratio lies between 1/{WIDEST} and {WIDEST}.")


def _read(link: str) -> bytes:
    head, comma, data = link.partition(",")
    try:
        if head.startswith("data:image/") and head.endswith(";base64") and comma:
            return base64.b64decode(data, validate=True)
        if link.startswith(("http://", "https://")):
            return httpx.get(link, timeout=TIMEOUT_SECONDS, follow_redirects=True).raise_for_status().content
    except (ValueError, httpx.HTTPError, httpx.InvalidURL) as problem:
        raise invalid("image", NOT_READ) from problem
    raise invalid("image", "an image is a URL, or data:image/<format>;base64,<data>.")


def make(asked: ImagesRequest, original: bytes) -> list[bytes]:
    """Make the requested pictures; in a sequence each is a little softer than the previous one."""
    picture = open_picture(original)
    made = edit(picture, asked.prompt, _size(asked, picture))
    sequence = [made.filter(ImageFilter.GaussianBlur(place / 2)) if place else made for place in range(asked.count)]
    kind = (asked.output_format or "jpeg").upper()
    return [encoded(_marked(one) if asked.watermark else one, kind) for one in sequence]


def _size(asked: ImagesRequest, picture: Picture) -> tuple[int, int]:
    """Return the requested size, or the named area in the picture's own ratio."""
    if asked.pixels:
        return asked.pixels
    side = MODELS[asked.model].sides[asked.size]
    shape = math.sqrt(picture.width / picture.height)
    shape = min(max(shape, 0.25), 4)  # a ratio of 1/16 to 16
    return math.floor(side * shape / STEP) * STEP, math.floor(side / shape / STEP) * STEP


def _marked(picture: Picture) -> Picture:
    """Write an AI mark into the lower right corner."""
    pixels = np.array(picture)
    high = max(24, min(picture.size) // 24)
    font = cv2.FontFace("uni")  # included in OpenCV, with Chinese characters
    (left, top, width, height) = cv2.getTextSize((0, 0), MARK, (0, 0), font, high)
    corner = (picture.width - left - width - high // 2, picture.height - top - height - high // 2)
    for offset, colour in ((max(1, high // 16), (0, 0, 0)), (0, (255, 255, 255))):
        cv2.putText(pixels, MARK, (corner[0] + offset, corner[1] + offset), colour, font, high)
    return Image.fromarray(pixels)
