"""The local model's analysis of a picture: every statement follows from a measurement."""

from dataclasses import dataclass

from PIL import Image

from adapters.imaging import measure
from adapters.imaging.arrays import pixels_of
from adapters.imaging.colour import to_srgb
from adapters.imaging.decode import decode
from adapters.imaging.edit_words import KEEP_ALL, KEEP_TEXT
from adapters.imaging.encode import flattened
from adapters.imaging.limits import Limits
from adapters.imaging.networks.text import TextFound, find_text
from domain.ports import EncodedImage
from domain.vocabulary.pictures import Analysis, Complexity, TextAmount

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
SMALL = 400_000  # pixels
BLURRED = 18  # grey levels a pixel, measured at 512 px
NOISY = 3  # grey levels
FADED = 0.65  # of the grey scale
GREY = 8  # colourfulness
BUSY = 0.16  # share of pixels on an edge
MANY_TROUBLES = 3


@dataclass(frozen=True)
class Measured:
    """The measurements of a picture."""

    width: int
    height: int
    sharpness: float
    noise: float
    colourfulness: float
    contrast: float
    business: float
    text: TextFound

    @property
    def troubles(self) -> list[str]:
        """What is wrong with the picture, in Chinese."""
        found = {
            "尺寸偏小": self.width * self.height < SMALL,
            "模糊": self.sharpness < BLURRED,
            "有噪点": self.noise > NOISY,
            "褪色发灰": self.contrast < FADED,
        }
        return [trouble for trouble, there in found.items() if there]

    @property
    def complexity(self) -> Complexity:
        """How much work the picture is: a level for each defect other than its size, for busy detail, for much text."""
        steps = len([trouble for trouble in self.troubles if trouble != "尺寸偏小"])
        steps += (self.business > BUSY) + (self.text.amount is TextAmount.MUCH)
        levels = (Complexity.SIMPLE, Complexity.NORMAL, Complexity.COMPLEX, Complexity.HARD)
        return levels[min(steps, MANY_TROUBLES)]


def analyse(file: EncodedImage, words: str, limits: Limits) -> Analysis:
    """Analyse a picture, given the customer's `words`. Raises PictureUnreadable."""
    picture = decode(file, limits)
    measured = measured_of(picture)
    return Analysis(
        complexity=measured.complexity,
        aspect_ratio=nearest_ratio(picture.width, picture.height),
        proc_type=_work(measured),
        subject="黑白照片" if measured.colourfulness < GREY else "彩色照片",
        quality="、".join(measured.troubles) or "良好",
        prompt=_prompt(measured, words),
        text_amount=measured.text.amount,
    )


def measured_of(picture: Image.Image) -> Measured:
    """Measure a picture."""
    pixels = pixels_of(flattened(to_srgb(picture)))
    return Measured(
        width=picture.width,
        height=picture.height,
        sharpness=measure.sharpness(pixels),
        noise=measure.noise(pixels),
        colourfulness=measure.colourfulness(pixels),
        contrast=measure.contrast(pixels),
        business=measure.business(pixels),
        text=find_text(pixels),
    )


def nearest_ratio(width: int, height: int) -> str:
    """Return the aspect ratio supported by image models that is nearest to a size in pixels."""

    def distance(ratio: str) -> float:
        across, down = ratio.split(":")
        wanted = int(across) / int(down)
        return max(wanted * height / width, width / (wanted * height))

    return min(RATIOS, key=distance)


def _work(measured: Measured) -> str:
    if "褪色发灰" in measured.troubles and measured.colourfulness < 4 * GREY:
        return "老照片修复"
    return "降噪清晰化" if "有噪点" in measured.troubles else "清晰化"


def _prompt(measured: Measured, words: str) -> str:
    lines = [KEEP_ALL]
    if measured.text.lines:
        lines.append(KEEP_TEXT)
    if words.strip():
        lines.append(f"客户要求：{words.strip()}")
    return "\n".join(lines)
