"""Facts about a layered document: its layers mean something, and its flat picture is what the preview shows."""

import io
from typing import Any

import cv2
import numpy as np
from PIL import Image
from psd_tools import PSDImage

from adapters.imaging.arrays import Mask, Pixels, pixels_of
from adapters.imaging.check.cutout import CLEAR, CORE, SIDE, CutOut, edge, same_subject, whole_subject
from adapters.imaging.check.facts import Fact, FailureKind, at_most
from adapters.imaging.check.pair import Pair
from adapters.imaging.encode import flattened
from adapters.imaging.finish.layers import BACKGROUND, SUBJECT
from domain.texts.phrase import said

FLAT_DIFFERS = 8  # grey levels; layers blended by another program differ by 2
STILL_THERE = 10  # grey levels: as little as the background layer may differ where the subject was taken out
TEXTURED = 12  # grey levels: less varied pictures may well continue behind the subject
CHANGED = 30
ENOUGH = 150  # pixels


def layered(pair: Pair) -> list[Fact]:
    """All facts about the layers; nothing about a document that does not open or lacks one: others tell that."""
    try:
        document = PSDImage.open(io.BytesIO(pair.file.data))
        layers = {layer.name: layer for layer in document}
        size = _small(document.size)
        if not {SUBJECT, BACKGROUND} <= set(layers) or document.size != pair.after.size:
            return []
        flat = _pixels(flattened((document.topil() or pair.after).convert("RGBA")), size)
        subject, alpha = _placed(layers[SUBJECT], document.size, size)
        back, filled = _placed(layers[BACKGROUND], document.size, size)
    except Exception:  # noqa: BLE001 - psd-tools' parser may raise any exception; `requirements.layers` tells it
        return []
    cut = CutOut(
        cv2.resize(pair.full_old, size, interpolation=cv2.INTER_AREA), subject, alpha, pair.before.mode == "RGBA"
    )
    shown = _pixels(flattened(pair.after), size)
    differs = float(cv2.absdiff(flat, shown).mean())
    facts = [at_most("flat_differs", differs, FLAT_DIFFERS, FailureKind.FILE, said("check.psd_flat"))]
    if not CLEAR < float(alpha.mean()) < CORE:
        return facts
    return [*facts, *same_subject(cut), *whole_subject(cut), *edge(cut), *_background(cut, back, filled)]


def _background(cut: CutOut, back: Pixels, filled: Mask) -> list[Fact]:
    """Whether the background layer shows the background, and not the subject once more."""
    facts = []
    outside = (cut.alpha < CLEAR / 5) & (filled > CORE)
    behind = cv2.erode(((cut.alpha > CORE) & (filled > CORE)).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    difference = np.abs(cut.old.astype(np.float32) - back).max(axis=2)
    if outside.sum() > ENOUGH:
        changed = float(difference[outside].mean())
        facts.append(
            at_most("background_changed", changed, CHANGED, FailureKind.CONTENT, said("check.layer_background"))
        )
    if behind.sum() > ENOUGH and cut.old[behind].std() > TEXTURED:
        same = STILL_THERE - float(difference[behind].mean())
        issue = said("check.layer_subject_twice")
        facts.append(at_most("subject_twice", max(0.0, same), STILL_THERE / 2, FailureKind.CONTENT, issue))
    return facts


def _placed(layer: Any, size: tuple[int, int], small: tuple[int, int]) -> tuple[Pixels, Mask]:
    """Return a layer's colours and how opaque it is, with its mask, on the whole canvas."""
    sheet = Image.new("RGBA", size)
    image = layer.topil().convert("RGBA")
    sheet.paste(image, (layer.left, layer.top))
    alpha = np.asarray(sheet.getchannel("A"), np.float32) / 255
    if layer.has_mask():
        mask = Image.new("L", size, layer.mask.background_color)
        mask.paste(layer.mask.topil().convert("L"), (layer.mask.left, layer.mask.top))
        alpha = alpha * np.asarray(mask, np.float32) / 255
    return _pixels(sheet.convert("RGB"), small), cv2.resize(alpha, small, interpolation=cv2.INTER_AREA)


def _pixels(image: Image.Image, size: tuple[int, int]) -> Pixels:
    return cv2.resize(pixels_of(image), size, interpolation=cv2.INTER_AREA)


def _small(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
