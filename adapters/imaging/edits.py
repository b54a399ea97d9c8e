"""The edits that OpenCV can honestly do, and the words, Chinese or English, that ask for them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from adapters.imaging.arrays import Mask, Pixels
from adapters.imaging.finish.cutout import foreground
from adapters.imaging.networks.cut_out import find_subject

# Backgrounds as photo shops mix them for ID photographs.
BACKGROUNDS = {
    "white": (255, 255, 255), "red": (217, 0, 27), "blue": (67, 142, 219), "grey": (200, 200, 200),
    "black": (0, 0, 0), "green": (0, 177, 64), "pink": (255, 192, 203),
}  # fmt: skip
COLOUR_WORDS = {
    "白": "white", "红": "red", "蓝": "blue", "灰": "grey", "黑": "black", "绿": "green", "粉": "pink", "gray": "grey",
} | {name: name for name in BACKGROUNDS}  # fmt: skip
_COLOUR = "|".join(COLOUR_WORDS)
BACKGROUND = re.compile(
    rf"(?:底色?|背景)[^,.，。;；\n]{{0,8}}?({_COLOUR})|({_COLOUR})色?(?:的)?(?:底|背景)"
    rf"|({_COLOUR}) (?:colou?r )?background|background[^,.\n]{{0,20}}?\b({_COLOUR})\b",
    re.IGNORECASE,
)
NOT = r"(?<!不要)(?<!不用)(?<!别)(?<!not )"
TONES = {
    "darker": r"太亮|过亮|偏亮|暗一?[点些]|调暗|压暗|darker|too bright",
    "brighter": r"太暗|过暗|偏暗|(?<!太)亮一?[点些]|提亮|(?:提高|增加)亮度|调亮|变亮|更亮|brighter|brighten|too dark",
    "contrast": r"对比|更?清透|通透|contrast",
    "warmer": r"暖|warm",
    "cooler": r"冷色|冷一?[点些]|偏冷|cooler|colder",
    "vivid": r"鲜艳|饱和|艳一?[点些]|vivid|saturat",
    "monochrome": r"[成为转改]黑白|黑白效果|to black[- ]and[- ]white|monochrome",
}
# Something is to be added or taken away, which takes a model that paints. A background is taken away by another road.
FREE = r"加[上个]|[Pp]掉|(?:去掉|去除|删[掉除]|擦掉|抹掉|移除)(?!(?:原来的|原)?(?:背景|底))"


@dataclass(frozen=True)
class Edits:
    """What a prompt asks for and we can do."""

    background: str | None
    tones: tuple[str, ...]
    are_all: bool = True  # nothing else is asked for, as far as words of the usual kinds tell

    def __bool__(self) -> bool:
        return bool(self.background or self.tones)

    def __str__(self) -> str:
        words = ([f"{self.background} background"] if self.background else []) + list(self.tones)
        return ", ".join(words)


def read(prompt: str) -> Edits:
    """Find the edits that a prompt asks for; of several backgrounds the last one counts."""
    backgrounds = [word for match in BACKGROUND.findall(prompt) for word in match if word]
    background = COLOUR_WORDS[backgrounds[-1].lower()] if backgrounds else None
    tones = tuple(tone for tone, words in TONES.items() if re.search(f"{NOT}(?:{words})", prompt, re.IGNORECASE))
    return Edits(background, tones, are_all=not re.search(f"{NOT}(?:{FREE})", prompt))


def apply(edits: Edits, pixels: Pixels) -> Pixels:
    """Return the edited pixels; the background is changed behind the U^2-Net cut-out."""
    toned = pixels
    for tone in edits.tones:
        toned = CHANGES[tone](toned)
    if edits.background:  # the network sees the untouched picture, and the background gets exactly its colour
        return on_colour(toned, find_subject(pixels), BACKGROUNDS[edits.background])
    return toned


def on_colour(pixels: Pixels, alpha: Mask, colour: tuple[int, int, int]) -> Pixels:
    """Lay the subject on one colour."""
    weight = alpha[..., None]
    result: Pixels = (foreground(pixels, alpha) * weight + np.array(colour) * (1 - weight) + 0.5).astype(np.uint8)
    return result


def _gamma(pixels: Pixels, gamma: float) -> Pixels:
    return cv2.LUT(pixels, (255 * (np.arange(256) / 255) ** gamma + 0.5).astype(np.uint8))


def _scaled(pixels: Pixels, factors: tuple[float, float, float]) -> Pixels:
    result: Pixels = np.clip(pixels * np.array(factors, np.float32), 0, 255).astype(np.uint8)
    return result


def _saturated(pixels: Pixels, factor: float) -> Pixels:
    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(pixels, factor, grey, 1 - factor, 0)


def _contrasted(pixels: Pixels) -> Pixels:
    """Bend the tones along an S, so that neither end is cut off."""
    steps = np.arange(256) / 255
    curve = steps + 0.12 * np.sin(2 * np.pi * (steps - 0.5))
    return cv2.LUT(pixels, (np.clip(curve, 0, 1) * 255).astype(np.uint8))


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "darker": partial(_gamma, gamma=1.28),
    "brighter": partial(_gamma, gamma=0.78),
    "contrast": _contrasted,
    "warmer": partial(_scaled, factors=(1.08, 1.0, 0.9)),
    "cooler": partial(_scaled, factors=(0.92, 1.0, 1.08)),
    "vivid": partial(_saturated, factor=1.3),
    "monochrome": partial(_saturated, factor=0),
}
