"""Ways in which a result is spoiled, and ways in which a good result legitimately differs from its original.

Each is a function of a good result (RGB) and a random generator. A stream adds kinds of its own by a module with
tables of the same shape, which `check.py` lists.
"""

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from PIL import Image

from adapters.imaging.arrays import Pixels

Random = np.random.Generator
Change = Callable[[Pixels, Random], Pixels]


def warped(pixels: Pixels, matrix: Any, border: int = cv2.BORDER_REFLECT) -> Pixels:
    """Return the pixels after an affine or projective change."""
    height, width = pixels.shape[:2]
    matrix = np.asarray(matrix, np.float64)
    whole = np.vstack([matrix, [0, 0, 1]]) if matrix.shape[0] == 2 else matrix  # noqa: PLR2004 - rows of an affine one
    return cv2.warpPerspective(pixels, whole, (width, height), flags=cv2.INTER_CUBIC, borderMode=border)


def shifted(share: float) -> Change:
    """Move everything to the right by a share of the width."""
    return lambda pixels, _: warped(pixels, [[1, 0, share * pixels.shape[1]], [0, 1, 0]])


def turned(degrees: float, zoom: float = 1) -> Change:
    """Turn and zoom about the middle."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        height, width = pixels.shape[:2]
        return warped(pixels, cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom))

    return change


def cropped(left: float, top: float, right: float, bottom: float) -> Change:
    """Cut shares of each side off and stretch the rest to the old size."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        height, width = pixels.shape[:2]
        inner = pixels[
            round(top * height) : round((1 - bottom) * height), round(left * width) : round((1 - right) * width)
        ]
        return cv2.resize(inner, (width, height), interpolation=cv2.INTER_CUBIC)

    return change


def bordered(share: float, value: int) -> Change:
    """Shrink the picture into a frame of one grey."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        height, width = pixels.shape[:2]
        edge = round(share * min(height, width))
        small = cv2.resize(pixels, (width - 2 * edge, height - 2 * edge), interpolation=cv2.INTER_AREA)
        return cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(value,) * 3)

    return change


def overframed(pixels: Pixels, _: Random) -> Pixels:
    """Paint a decorative frame over the rim."""
    result, edge = pixels.copy(), round(0.035 * min(pixels.shape[:2]))
    height, width = pixels.shape[:2]
    cv2.rectangle(result, (edge // 2, edge // 2), (width - edge // 2, height - edge // 2), (240, 235, 220), edge)
    return result


def tilted(pixels: Pixels, _: Random) -> Pixels:
    """Change the perspective."""
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + np.array([[0.05, 0.03], [-0.04, 0], [0, 0], [0, -0.04]], np.float32) * (width, height)
    return warped(pixels, cv2.getPerspectiveTransform(corners, moved.astype(np.float32)))


def bulged(strength: float) -> Change:
    """Warp one part, as a model does that redraws a face or a body; the strength is a share of the long side."""

    def change(pixels: Pixels, random: Random) -> Pixels:
        height, width = pixels.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        centre, radius = _place(pixels, random, 0.3), 0.22 * max(height, width)
        near = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * (radius / 2) ** 2))
        push = (strength * max(height, width) * near).astype(np.float32)
        return cv2.remap(pixels, x - push, y - 0.6 * push, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    return change


def flat(value: tuple[int, int, int]) -> Change:
    """One colour everywhere."""
    return lambda pixels, _: np.full_like(pixels, value)


def flipped(pixels: Pixels, _: Random) -> Pixels:
    """Mirror the picture."""
    return np.ascontiguousarray(pixels[:, ::-1])


def upside_down(pixels: Pixels, _: Random) -> Pixels:
    """Turn it by half."""
    return np.ascontiguousarray(pixels[::-1, ::-1])


def quarter_turned(pixels: Pixels, _: Random) -> Pixels:
    """Turn it by a quarter."""
    return np.ascontiguousarray(np.rot90(pixels))


def mirrored_half(pixels: Pixels, _: Random) -> Pixels:
    """Replace the right half by the left one, mirrored."""
    result, half = pixels.copy(), pixels.shape[1] // 2
    result[:, -half:] = pixels[:, :half][:, ::-1]
    return result


def cut_off(pixels: Pixels, _: Random) -> Pixels:
    """Grey from the middle on, as a broken transfer leaves it."""
    result = pixels.copy()
    result[round(0.6 * len(pixels)) :] = 128
    return result


def pasted(share: float) -> Change:
    """Put a part of the picture where another was: something appears that was not there."""

    def change(pixels: Pixels, random: Random) -> Pixels:
        result, side = pixels.copy(), round(share * max(pixels.shape[:2]))
        height, width = pixels.shape[:2]
        (to_x, to_y), patch = _busiest(pixels, side), None
        for _ in range(50):  # from a place that looks different
            x, y = int(random.integers(0, width - side)), int(random.integers(0, height - side))
            patch = np.ascontiguousarray(np.rot90(pixels[y : y + side, x : x + side], 2))
            there = pixels[to_y : to_y + side, to_x : to_x + side]
            if cv2.absdiff(patch, there).mean() > 20:  # noqa: PLR2004 - grey levels
                break
        result[to_y : to_y + side, to_x : to_x + side] = patch
        return result

    return change


def erased(share: float) -> Change:
    """Fill the busiest part in from its surroundings: something is gone."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        side = round(share * max(pixels.shape[:2]))
        x, y = _busiest(pixels, side)
        mask = np.zeros(pixels.shape[:2], np.uint8)
        cv2.ellipse(mask, (x + side // 2, y + side // 2), (side // 2, side // 2), 0, 0, 360, 255, -1)
        small = cv2.resize(pixels, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        hole = cv2.dilate(cv2.resize(mask, small.shape[1::-1]), np.ones((3, 3), np.uint8))
        filled = cv2.resize(
            cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA), pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC
        )
        weight = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 2)[..., None]
        return (pixels * (1 - weight) + filled * weight).astype(np.uint8)

    return change


def smeared(share: float) -> Change:
    """Blur the busiest part beyond recognition."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        result, side = pixels.copy(), round(share * max(pixels.shape[:2]))
        x, y = _busiest(pixels, side)
        result[y : y + side, x : x + side] = cv2.GaussianBlur(pixels[y : y + side, x : x + side], (0, 0), side / 8)
        return result

    return change


def shuffled(pixels: Pixels, _: Random) -> Pixels:
    """Shuffle the quarters."""
    height, width = (length // 2 for length in pixels.shape[:2])
    result = pixels.copy()
    parts = [pixels[y : y + height, x : x + width].copy() for y in (0, height) for x in (0, width)]
    for number, (y, x) in enumerate((y, x) for y in (0, height) for x in (0, width)):
        result[y : y + height, x : x + width] = parts[(number + 1) % 4]
    return result


def scaled_channels(red: float, green: float, blue: float) -> Change:
    """A colour cast."""
    return lambda pixels, _: np.clip(pixels * np.array([red, green, blue]), 0, 255).astype(np.uint8)


def toned(gain: float, offset: float = 0) -> Change:
    """Brighter, darker, or flatter."""
    return lambda pixels, _: np.clip(pixels * gain + offset, 0, 255).astype(np.uint8)


def saturated(factor: float) -> Change:
    """More or less colour; 0 is grey."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        return cv2.addWeighted(pixels, factor, grey, 1 - factor, 0)

    return change


def inverted(pixels: Pixels, _: Random) -> Pixels:
    """The negative."""
    return 255 - pixels


def swapped(pixels: Pixels, _: Random) -> Pixels:
    """Red and blue exchanged."""
    return np.ascontiguousarray(pixels[..., ::-1])


def hue_turned(pixels: Pixels, _: Random) -> Pixels:
    """All hues turned by a third."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + 60) % 180
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def posterized(levels: int) -> Change:
    """Few levels of each channel."""
    return lambda pixels, _: (np.round(pixels / 255 * (levels - 1)) / (levels - 1) * 255).astype(np.uint8)


def gamma(power: float) -> Change:
    """Mid-tones lifted or lowered."""
    return lambda pixels, _: (255 * (pixels / 255) ** power).astype(np.uint8)


def noisy(sigma: float) -> Change:
    """Gaussian noise."""
    return lambda pixels, random: np.clip(pixels + random.normal(0, sigma, pixels.shape), 0, 255).astype(np.uint8)


def speckled(share: float) -> Change:
    """Single black and white pixels."""

    def change(pixels: Pixels, random: Random) -> Pixels:
        result, drawn = pixels.copy(), random.random(pixels.shape[:2])
        result[drawn < share / 2] = 0
        result[drawn > 1 - share / 2] = 255
        return result

    return change


def striped(pixels: Pixels, _: Random) -> Pixels:
    """Faint horizontal bands, as a failing scanner makes."""
    bands = 18 * np.sign(np.sin(np.arange(len(pixels)) * 2 * np.pi / 12))
    result: Pixels = np.clip(pixels + bands[:, None, None], 0, 255).astype(np.uint8)
    return result


def as_jpeg(quality: int, subsampling: int = 2) -> Change:
    """Compressed."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling=subsampling)
        return np.asarray(Image.open(out).convert("RGB"))

    return change


def as_webp(quality: int) -> Change:
    """Compressed as WebP."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "WEBP", quality=quality)
        return np.asarray(Image.open(out).convert("RGB"))

    return change


def blurred(sigma: float) -> Change:
    """Out of focus; sigma at 720 px on the long side."""
    return lambda pixels, _: cv2.GaussianBlur(pixels, (0, 0), sigma * max(pixels.shape) / 720)


def shaken(pixels: Pixels, _: Random) -> Pixels:
    """Motion blur along a line."""
    length = round(0.018 * max(pixels.shape)) | 1
    return cv2.filter2D(pixels, -1, np.eye(length, dtype=np.float32) / length)


def pixelated(block: int) -> Change:
    """Large pixels."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        small = cv2.resize(pixels, None, fx=1 / block, fy=1 / block, interpolation=cv2.INTER_AREA)
        return cv2.resize(small, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)

    return change


def resampled(pixels: Pixels, _: Random) -> Pixels:
    """Made smaller and larger again, as models do that have sizes of their own."""
    small = cv2.resize(pixels, None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, pixels.shape[1::-1], interpolation=cv2.INTER_LANCZOS4)


def sharpened(amount: float, sigma: float = 1) -> Change:
    """Unsharp mask."""
    return lambda pixels, _: cv2.addWeighted(pixels, 1 + amount, cv2.GaussianBlur(pixels, (0, 0), sigma), -amount, 0)


def painted(pixels: Pixels, _: Random) -> Pixels:
    """Smoothed like an oil painting, all texture gone."""
    result = pixels
    for _number in range(3):
        result = cv2.medianBlur(cv2.bilateralFilter(result, 9, 60, 9), 7)
    return result


def denoised(strength: float) -> Change:
    """Non-local means."""
    return lambda pixels, _: cv2.fastNlMeansDenoisingColored(pixels, None, strength, strength, 5, 15)


def watermarked(opacity: float, tiles: int = 3) -> Change:
    """Words across the picture, as stock agencies put them."""

    def change(pixels: Pixels, _: Random) -> Pixels:
        sheet = np.zeros_like(pixels)
        height, width = pixels.shape[:2]
        size = width / 420
        for number in range(tiles):
            at = (round(0.05 * width), round((number + 0.6) * height / tiles))
            cv2.putText(
                sheet,
                "SAMPLE stock.example",
                at,
                cv2.FONT_HERSHEY_SIMPLEX,
                size,
                (255,) * 3,
                max(2, round(2 * size)),
                cv2.LINE_AA,
            )
        weight = opacity * sheet / 255
        return (pixels * (1 - weight) + 255 * weight).astype(np.uint8)

    return change


def stamped(pixels: Pixels, _: Random) -> Pixels:
    """A date in a corner, as old cameras print it."""
    result, (height, width) = pixels.copy(), pixels.shape[:2]
    at, size = (round(0.66 * width), round(0.95 * height)), width / 700
    cv2.putText(
        result, "2024 08 17", at, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 150, 30), max(1, round(2 * size)), cv2.LINE_AA
    )
    return result


def with_logo(pixels: Pixels, _: Random) -> Pixels:
    """A model's logo in a corner."""
    result, (height, width) = pixels.copy(), pixels.shape[:2]
    centre, radius = (round(0.92 * width), round(0.92 * height)), round(0.035 * width)
    star = ((0, -1), (0.25, -0.25), (1, 0), (0.25, 0.25), (0, 1), (-0.25, 0.25), (-1, 0), (-0.25, -0.25))
    points = [(centre[0] + round(radius * x), centre[1] + round(radius * y)) for x, y in star]
    cv2.fillPoly(result, [np.array(points, np.int32)], (250, 250, 250), cv2.LINE_AA)
    return cv2.addWeighted(result, 0.85, pixels, 0.15, 0)


def scratched(pixels: Pixels, random: Random) -> Pixels:
    """Long thin light lines."""
    result, (height, width) = pixels.copy(), pixels.shape[:2]
    for _ in range(6):
        x, y = int(random.integers(width)), int(random.integers(height))
        end = (x + int(random.integers(-60, 60)), y + int(random.integers(-height // 2, height // 2)))
        cv2.line(result, (x, y), end, (235, 230, 215), 1, cv2.LINE_AA)
    return result


def stained(pixels: Pixels, random: Random) -> Pixels:
    """Round brown stains."""
    result, (height, width) = pixels, pixels.shape[:2]
    for _ in range(3):
        stain, at = result.copy(), (int(random.integers(width)), int(random.integers(height)))
        cv2.circle(stain, at, int(random.integers(8, 24)), (150, 120, 80), -1)
        result = cv2.addWeighted(stain, 0.4, result, 0.6, 0)
    return result


def both(*changes: Change) -> Change:
    """One after the other."""

    def change(pixels: Pixels, random: Random) -> Pixels:
        for one in changes:
            pixels = one(pixels, random)
        return pixels

    return change


def _place(pixels: Pixels, random: Random, margin: float) -> tuple[int, int]:
    height, width = pixels.shape[:2]
    return (
        int(random.integers(round(margin * width), round((1 - margin) * width))),
        int(random.integers(round(margin * height), round((1 - margin) * height))),
    )


def _busiest(pixels: Pixels, side: int) -> tuple[int, int]:
    """Return the corner of the square of this side with the most edges."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    sums = cv2.boxFilter(edges, -1, (side, side), anchor=(0, 0), normalize=False)[
        : len(grey) - side, : grey.shape[1] - side
    ]
    y, x = np.unravel_index(np.argmax(sums), sums.shape)
    return int(x), int(y)


SPOILED: dict[str, Change] = {
    "shift 2 %": shifted(0.02),
    "shift 5 %": shifted(0.05),
    "turned 1.5 degrees": turned(1.5),
    "turned 5 degrees": turned(5, 1.1),
    "zoomed 4 %": turned(0, 1.04),
    "cropped 5 % left": cropped(0.05, 0, 0, 0),
    "cropped 4 % all round": cropped(0.04, 0.04, 0.04, 0.04),
    "stretched 4 %": cropped(0, 0.02, 0, 0.02),
    "perspective": tilted,
    "shrunk into a white frame": bordered(0.03, 255),
    "frame painted over": overframed,
    "mirrored": flipped,
    "upside down": upside_down,
    "quarter turn": quarter_turned,
    "part warped 4 %": bulged(0.04),
    "part warped 8 %": bulged(0.08),
    "black": flat((0, 0, 0)),
    "white": flat((255, 255, 255)),
    "one colour": flat((60, 90, 160)),
    "right half mirrored": mirrored_half,
    "cut off grey": cut_off,
    "quarters shuffled": shuffled,
    "object pasted 15 %": pasted(0.15),
    "object pasted 8 %": pasted(0.08),
    "object erased 15 %": erased(0.15),
    "part smeared 15 %": smeared(0.15),
    "grey": saturated(0),
    "yellow cast": scaled_channels(1.1, 1, 0.75),
    "blue cast": scaled_channels(0.8, 0.95, 1.2),
    "magenta cast": scaled_channels(1.1, 0.85, 1.1),
    "inverted": inverted,
    "red and blue swapped": swapped,
    "hues turned": hue_turned,
    "oversaturated": saturated(2.2),
    "half dark": toned(0.5),
    "burnt out": toned(1.5, 30),
    "fog": toned(0.5, 100),
    "posterized": posterized(5),
    "noise": noisy(14),
    "salt and pepper": speckled(0.02),
    "stripes": striped,
    "jpeg 8": as_jpeg(8),
    "jpeg 15": as_jpeg(15),
    "webp 3": as_webp(3),
    "blur": blurred(2.5),
    "motion blur": shaken,
    "pixelated": pixelated(6),
    "halos": sharpened(4, 3),
    "painted": painted,
    "watermark": watermarked(0.35),
    "faint watermark": watermarked(0.18),
    "date stamped": stamped,
    "logo in a corner": with_logo,
}  # fmt: skip

GOOD: dict[str, Change] = {
    "as it is": lambda pixels, _: pixels,
    "jpeg 92": as_jpeg(92, 0),
    "jpeg 80": as_jpeg(80),
    "webp 85": as_webp(85),
    "sharpened": sharpened(0.6),
    "sharpened more": sharpened(1.2),
    "denoised": denoised(4),
    "shift 1 px": lambda pixels, _: warped(pixels, [[1, 0, 1], [0, 1, -1]]),
    "shift 2 px": lambda pixels, _: warped(pixels, [[1, 0, 2], [0, 1, 1]]),
    "resampled": resampled,
    "a little brighter": gamma(0.88),
    "a little darker": gamma(1.1),
    "a little more contrast": toned(1.1, -12),
    "a little more colour": saturated(1.15),
    "a little warmer": scaled_channels(1.03, 1, 0.96),
    "fine grain": noisy(2),
}  # fmt: skip
