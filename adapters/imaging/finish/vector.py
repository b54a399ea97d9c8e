"""The deliverable of `vectorize`: an SVG of paths alone, traced by vtracer from a flattened palette."""

import io

import cv2
import numpy as np
import resvg_py
import vtracer
from PIL import Image

from adapters.imaging.arrays import Pixels, alpha_of, image_of, pixels_of
from adapters.imaging.colour import to_srgb
from adapters.imaging.finish.framing import in_frame, proportioned
from domain.ports import Deliverable, EncodedImage, Wish

TRACED_SIDE = 1024  # pixels: tracing holds the interpreter lock, for a time that grows with the area
SAMPLE_SIDE = 160  # pixels that the palette is computed from
COLOURS = 24
VIEW_SIDE = 1600
HALF = 0.5
CHROMA = np.array([1, 1.8, 1.8], np.float32)  # hue counts more than lightness: skin must not turn grey


def vectorized(_original: EncodedImage, before: Image.Image, after: Image.Image, _wish: Wish) -> Deliverable:
    """Deliver an SVG in the original's proportions, and a PNG view of it drawn by resvg."""
    framed = in_frame(before, to_srgb(after))
    flat = flattened_palette(framed.resize(proportioned(framed, TRACED_SIDE), Image.Resampling.LANCZOS))
    out = io.BytesIO()
    flat.save(out, "PNG")
    svg = vtracer.convert_raw_image_to_svg(
        out.getvalue(), img_format="png", mode="spline", hierarchical="stacked", filter_speckle=8,
        color_precision=8, layer_difference=0, corner_threshold=60, path_precision=0,
    )  # fmt: skip
    svg = _scalable(svg, flat.size)
    return Deliverable(EncodedImage(svg.encode(), "image/svg+xml"), drawn(svg, flat.size), "svg")


def flattened_palette(picture: Image.Image) -> Image.Image:
    """Reduce a picture to a few flat colours, keeping edges and removing grain; alpha becomes on or off.

    Uses k-means in CIELAB, because median cut weighs by area and turns small coloured objects grey.
    """
    smooth = cv2.cvtColor(cv2.bilateralFilter(pixels_of(picture), 9, 40, 9), cv2.COLOR_RGB2LAB)
    colours = _palette(cv2.resize(smooth, (SAMPLE_SIDE, SAMPLE_SIDE), interpolation=cv2.INTER_AREA))
    distances = [np.square((smooth - colour) * CHROMA).sum(axis=2) for colour in colours.astype(np.float32)]
    flat = cv2.medianBlur(colours[np.argmin(distances, axis=0)], 5)
    alpha = (alpha_of(picture) >= HALF).astype(np.float32) if picture.mode == "RGBA" else None
    return image_of(cv2.cvtColor(flat, cv2.COLOR_LAB2RGB), alpha)


def _palette(lab: Pixels) -> Pixels:
    cv2.setRNGSeed(1)  # the same picture must give the same drawing
    samples = lab.reshape(-1, 3) * CHROMA
    labels = np.zeros((len(samples), 1), np.int32)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    centres: Pixels = cv2.kmeans(samples, COLOURS, labels, stop, 2, cv2.KMEANS_PP_CENTERS)[2]
    return (centres / CHROMA + 0.5).astype(np.uint8)


def drawn(svg: str, size: tuple[int, int]) -> EncodedImage:
    """Render an SVG as PNG with VIEW_SIDE pixels on the long side. Raises ValueError for an invalid SVG."""
    scale = VIEW_SIDE / max(size)
    png = resvg_py.svg_to_bytes(svg_string=svg, width=max(1, round(size[0] * scale)), skip_system_fonts=True)
    return EncodedImage(bytes(png), "image/png")


def _scalable(svg: str, size: tuple[int, int]) -> str:
    """Add the view box that vtracer omits; without it programs crop the drawing instead of scaling it."""
    return svg if "viewBox" in svg else svg.replace("<svg ", f'<svg viewBox="0 0 {size[0]} {size[1]}" ', 1)
