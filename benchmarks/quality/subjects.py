"""Subjects with exact alpha, drawn by code: hair, fur, thin leaves, spokes, handles with holes, plain products."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from adapters.imaging.arrays import Mask, Pixels
from adapters.imaging.mixing import foreground

MATTES, PHOTOS = Path(__file__).with_name("mattes"), Path(__file__).parents[2] / "demo/photos"
SIDE = 640  # pixels
Colour = tuple[int, int, int]
FINE = 3  # drawn this many times as large, so that the alpha of edges and hairs is exact


@dataclass(frozen=True)
class Subject:
    """The colours of a subject, and how much of each pixel it covers."""

    pixels: Pixels
    alpha: Mask


class Canvas:
    """Draws shapes at FINE times the size; coordinates are shares of the side."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.side = SIDE * FINE
        self.pixels = np.zeros((self.side, self.side, 3), np.uint8)
        self.cover = np.zeros((self.side, self.side), np.uint8)

    def shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        """Fill a polygon."""
        corners = np.array([(x * self.side, y * self.side) for x, y in points], np.int32)
        cv2.fillPoly(self.pixels, [corners], colour)
        cv2.fillPoly(self.cover, [corners], 255)

    def ellipse(
        self, x: float, y: float, wide: float, high: float, colour: Colour, turn: float = 0, cover: int = 255
    ) -> None:
        """Fill an ellipse; with `cover` 0 it is a hole."""
        centre, axes = (round(x * self.side), round(y * self.side)), (round(wide * self.side), round(high * self.side))
        cv2.ellipse(self.pixels, centre, axes, turn, 0, 360, colour, -1)
        cv2.ellipse(self.cover, centre, axes, turn, 0, 360, cover, -1)

    def line(self, points: list[tuple[float, float]], colour: Colour, wide: float) -> None:
        """Draw a line through points, `wide` in pixels of the small picture."""
        along = np.array([(x * self.side, y * self.side) for x, y in points], np.int32)
        cv2.polylines(self.pixels, [along], False, colour, max(1, round(wide * FINE)))
        cv2.polylines(self.cover, [along], False, 255, max(1, round(wide * FINE)))

    def hair(
        self, x: float, y: float, angle: float, length: float, colour: Colour, curl: float, fall: float = 0
    ) -> None:
        """Draw one bent hair from a root; `fall` is how soon it hangs down."""
        points, bend = [(x, y)], self.random.normal(0, curl)
        for _ in range(12):
            angle += bend / 12 + fall * np.sin(np.pi / 2 - angle)
            x, y = x + np.cos(angle) * length / 12, y + np.sin(angle) * length / 12
            points.append((x, y))
        shade = self.random.uniform(0.6, 1.3)
        red, green, blue = (int(min(255, part * shade)) for part in colour)
        self.line(points, (red, green, blue), self.random.uniform(0.4, 1.2))

    def done(self, *, shading: float = 0.35, grain: float = 5) -> Subject:
        """Return the subject in its small size, with light from the upper left and some grain."""
        small = cv2.resize(self.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        alpha = cv2.resize(self.cover, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        # The canvas is black where nothing is drawn: divide that out, so that edges have the subject's own colours.
        drawn = np.where(self.pixels.any(axis=2), 255, 0).astype(np.uint8)
        share = cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        small /= np.maximum(share.astype(np.float32) / 255, 0.02)[..., None]
        down, right = np.mgrid[0:SIDE, 0:SIDE] / SIDE
        light = 1 + shading * (0.9 - down - right)
        cloud = cv2.GaussianBlur(self.random.normal(0, 1, (SIDE, SIDE)), (0, 0), 6)
        light += 0.04 * cloud / cloud.std()
        noisy = small * light[..., None] + self.random.normal(0, grain, (SIDE, SIDE, 1))
        return Subject(np.clip(noisy, 0, 255).astype(np.uint8), alpha)


def portrait(seed: int, length: float, curl: float, colour: Colour) -> Subject:
    """A head and shoulders, with thousands of single hairs."""
    canvas = Canvas(seed)
    skin = (222, 178, 150)
    canvas.ellipse(0.5, 0.36, 0.155, 0.195, colour)
    for _ in range(2500):
        angle = canvas.random.uniform(np.pi * 0.95, np.pi * 2.05)
        x, y = 0.5 + 0.15 * np.cos(angle), 0.36 + 0.19 * np.sin(angle)
        reach = length * canvas.random.uniform(0.6, 1)
        canvas.hair(x, y, angle + canvas.random.normal(0, 0.25), reach, colour, curl, fall=2 * min(length, 0.3))
    canvas.shape([(0.43, 0.5), (0.57, 0.5), (0.58, 0.66), (0.42, 0.66)], (200, 155, 130))
    canvas.shape([(0.14, 1), (0.19, 0.74), (0.4, 0.63), (0.6, 0.63), (0.81, 0.74), (0.86, 1)], (52, 74, 120))
    canvas.shape([(0.42, 0.63), (0.58, 0.63), (0.5, 0.76)], (235, 235, 235))
    canvas.ellipse(0.5, 0.4, 0.135, 0.185, skin)
    for x in (0.45, 0.55):
        canvas.ellipse(x, 0.385, 0.022, 0.012, (250, 250, 250))
        canvas.ellipse(x, 0.385, 0.01, 0.011, (60, 40, 30))
        canvas.line([(x - 0.03, 0.352), (x + 0.028, 0.35)], (70, 45, 35), 4)
    canvas.line([(0.5, 0.4), (0.487, 0.455), (0.508, 0.46)], (190, 140, 115), 3)
    canvas.ellipse(0.5, 0.51, 0.038, 0.012, (180, 80, 85))
    for _ in range(1200):  # the fringe
        x = canvas.random.uniform(0.37, 0.63)
        canvas.hair(x, 0.2 + 0.9 * (x - 0.5) ** 2, np.pi / 2 + (x - 0.5) * 3, 0.11, colour, curl)
    return canvas.done()


def plant(seed: int, leaves: int, thin: float) -> Subject:
    """A pot with many thin leaves on stems."""
    canvas = Canvas(seed)
    for _ in range(leaves):
        angle = canvas.random.uniform(-np.pi * 0.95, -np.pi * 0.05)
        reach = canvas.random.uniform(0.25, 0.5)
        x, y = 0.5 + reach * np.cos(angle) * 0.8, 0.66 + reach * np.sin(angle)
        red, green, blue = (int(canvas.random.uniform(*span)) for span in ((30, 90), (110, 180), (40, 80)))
        canvas.line([(0.5, 0.68), ((0.5 + x) / 2, (0.66 + y) / 2 - 0.03), (x, y)], (red, green, blue), 2)
        canvas.ellipse(x, y, 0.07, 0.07 * thin, (red, green, blue), float(np.degrees(angle)))
    canvas.shape([(0.36, 0.66), (0.64, 0.66), (0.6, 0.92), (0.4, 0.92)], (190, 98, 62))
    canvas.shape([(0.34, 0.64), (0.66, 0.64), (0.66, 0.69), (0.34, 0.69)], (205, 112, 72))
    return canvas.done()


def mug(seed: int) -> Subject:
    """A mug: the background shows through its handle."""
    canvas = Canvas(seed)
    canvas.ellipse(0.68, 0.52, 0.15, 0.17, (225, 225, 220))
    canvas.ellipse(0.69, 0.52, 0.095, 0.115, (0, 0, 0), cover=0)
    canvas.shape([(0.26, 0.28), (0.66, 0.28), (0.64, 0.78), (0.28, 0.78)], (236, 236, 230))
    canvas.ellipse(0.46, 0.78, 0.18, 0.04, (225, 225, 220))
    canvas.ellipse(0.46, 0.28, 0.2, 0.045, (210, 205, 200))
    canvas.ellipse(0.46, 0.285, 0.18, 0.035, (88, 52, 30))
    canvas.ellipse(0.45, 0.54, 0.09, 0.09, (214, 60, 50))
    return canvas.done()


def wheel(seed: int) -> Subject:
    """A bicycle wheel: a thin ring and spokes."""
    canvas = Canvas(seed)
    canvas.ellipse(0.5, 0.5, 0.4, 0.4, (42, 42, 46))
    canvas.ellipse(0.5, 0.5, 0.365, 0.365, (0, 0, 0), cover=0)
    for angle in np.linspace(0, 2 * np.pi, 28, endpoint=False):
        canvas.line([(0.5, 0.5), (0.5 + 0.375 * np.cos(angle), 0.5 + 0.375 * np.sin(angle))], (150, 152, 158), 2)
    canvas.ellipse(0.5, 0.5, 0.04, 0.04, (120, 30, 30))
    return canvas.done(grain=3)


def bear(seed: int) -> Subject:
    """A furry bear."""
    canvas = Canvas(seed)
    ears, arms = [(x, 0.22, 0.055, 0.055) for x in (0.37, 0.63)], [(x, 0.6, 0.06, 0.13) for x in (0.29, 0.71)]
    feet = [(x, 0.86, 0.08, 0.07) for x in (0.38, 0.62)]
    parts = [(0.5, 0.66, 0.2, 0.21), (0.5, 0.34, 0.15, 0.14), *ears, *arms, *feet]
    brown = (168, 118, 70)
    for x, y, wide, high in parts:
        canvas.ellipse(x, y, wide, high, brown)
        for angle in np.linspace(0, 2 * np.pi, 700):
            canvas.hair(x + wide * np.cos(angle), y + high * np.sin(angle), angle, 0.03, brown, 0.9)
    canvas.ellipse(0.5, 0.39, 0.07, 0.055, (215, 180, 140))
    for x, y, size in ((0.45, 0.31, 0.016), (0.55, 0.31, 0.016), (0.5, 0.37, 0.02)):
        canvas.ellipse(x, y, size, size, (24, 20, 20))
    return canvas.done(grain=7)


def bottle(seed: int) -> Subject:
    """A bottle with a label and a narrow neck."""
    canvas = Canvas(seed)
    right = [(0.54, 0.1), (0.545, 0.3), (0.64, 0.42), (0.64, 0.9)]
    canvas.shape([*right, *((1 - x, y) for x, y in reversed(right))], (36, 92, 60))
    canvas.shape([(0.36, 0.52), (0.64, 0.52), (0.64, 0.76), (0.36, 0.76)], (240, 228, 200))
    canvas.shape([(0.41, 0.6), (0.59, 0.6), (0.59, 0.62), (0.41, 0.62)], (150, 40, 50))
    canvas.line([(0.4, 0.45), (0.4, 0.88)], (120, 190, 150), 5)
    return canvas.done(shading=0.6)


def chair(seed: int) -> Subject:
    """A chair with thin legs and gaps in its back."""
    canvas = Canvas(seed)
    wood = (150, 98, 58)
    for x in (0.3, 0.42, 0.54, 0.66):
        canvas.line([(x, 0.12), (x, 0.55)], wood, 9)
    canvas.line([(0.28, 0.12), (0.68, 0.12)], wood, 16)
    canvas.line([(0.29, 0.3), (0.67, 0.3)], wood, 9)
    canvas.shape([(0.24, 0.55), (0.7, 0.55), (0.78, 0.63), (0.2, 0.63)], (172, 116, 70))
    for top, foot in ((0.24, 0.2), (0.3, 0.31), (0.66, 0.67), (0.74, 0.79)):
        canvas.line([(top, 0.62), (foot, 0.93)], (130, 82, 46), 11)
    return canvas.done()


def photographed(name: str, photo: str, box: tuple[int, int, int, int]) -> Subject:
    """A subject out of a demo photograph, by a stored matte, in the middle of the canvas."""
    picture = Image.open(PHOTOS / photo).convert("RGB").crop(box)
    matte = Image.open(MATTES / f"{name}.png")
    colours = foreground(np.asarray(picture), np.asarray(matte, np.float32) / 255)
    canvas = Image.new("RGBA", (SIDE, SIDE))
    picture = Image.fromarray(colours)
    picture.putalpha(matte)
    canvas.paste(picture, ((SIDE - picture.width) // 2, SIDE - picture.height))
    return Subject(np.asarray(canvas)[..., :3].copy(), np.asarray(canvas, np.float32)[..., 3] / 255)


SUBJECTS: dict[str, Callable[[], Subject]] = {
    "long hair": lambda: portrait(1, 0.38, 0.8, (92, 58, 36)),
    "short hair": lambda: portrait(2, 0.07, 0.6, (40, 34, 32)),
    "curls": lambda: portrait(3, 0.12, 5, (126, 74, 40)),
    "fair hair": lambda: portrait(4, 0.3, 1.2, (206, 170, 110)),
    "thin leaves": lambda: plant(5, 60, 0.12),
    "broad leaves": lambda: plant(6, 26, 0.4),
    "mug": lambda: mug(7),
    "wheel": lambda: wheel(8),
    "bear": lambda: bear(9),
    "bottle": lambda: bottle(10),
    "astronaut": lambda: photographed("astronaut", "astronaut.jpg", (60, 0, 380, 512)),
    "coffee": lambda: photographed("coffee", "coffee.jpg", (0, 0, 600, 400)),
    "chair": lambda: chair(11),
}
