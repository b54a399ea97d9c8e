"""Analyses pictures, or scores a result against its original, by measuring."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from simulators.common.painting import open_picture
from simulators.gemini.pictures import nearest_ratio
from simulators.gemini.wire import GenerateRequest

LONG_SIDE = 512  # pixels; pictures are measured at one size, so that figures are comparable
BLURRED, SOFT = 60.0, 200.0  # variance of the Laplacian of photographs at that size
SMALL = 1000
COMPLEXITIES = ((4.0, "simple"), (9.0, "normal"), (16.0, "complex"))  # each with its maximum mean edge strength


@dataclass(frozen=True)
class Measures:
    """The measurements of a picture."""

    width: int
    height: int
    ratio: str
    sharpness: float
    edges: float
    contrast: float
    colour: float
    thumbnail: np.ndarray[Any, np.dtype[np.float64]]


def measure(data: bytes) -> Measures:
    """Measure a picture. Raises ValueError if it is unreadable."""
    picture = open_picture(data)
    small = picture.resize(_measured_size(picture), Image.Resampling.BILINEAR)
    grey = np.asarray(small.convert("L"), dtype=np.float64)
    laplacian = -4 * grey[1:-1, 1:-1] + grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return Measures(
        width=picture.width,
        height=picture.height,
        ratio=nearest_ratio(picture),
        sharpness=float(laplacian.var()),
        edges=float(np.abs(laplacian).mean()),
        contrast=float(grey.std()),
        colour=float(np.asarray(small.convert("HSV"))[..., 1].mean()),
        thumbnail=np.asarray(picture.convert("L").resize((48, 48)), dtype=np.float64),
    )


def _measured_size(picture: Image.Image) -> tuple[int, int]:
    scale = LONG_SIDE / max(picture.size)
    return max(3, round(picture.width * scale)), max(3, round(picture.height * scale))


def look(asked: GenerateRequest) -> dict[str, Any]:
    """Return a score or an analysis, depending on the kind of call. Raises ValueError without a picture."""
    if not asked.pictures:
        raise ValueError("Unable to process input image: there is none.")
    if asked.kind == "score":
        return score(asked.pictures[0], asked.pictures[-1])
    return analyse(asked.pictures[0])


def analyse(data: bytes) -> dict[str, Any]:
    """Analyse a picture, as far as measurements allow."""
    found = measure(data)
    blur = "很模糊" if found.sharpness < BLURRED else "有些模糊" if found.sharpness < SOFT else "清晰"
    small = max(found.width, found.height) < SMALL
    old = found.colour < 20  # noqa: PLR2004 - of 255: a photograph in black and white or faded to it
    return {
        "complexity": next((word for limit, word in COMPLEXITIES if found.edges < limit), "hard"),
        "aspect_ratio": found.ratio,
        "perspective": "no",
        "proc_type": "老照片修复" if old else "变清晰",
        "subject": "黑白照片" if old else "彩色照片",
        "quality": f"{blur},{found.width}x{found.height}" + (",分辨率偏低" if small else ""),
        "prompt": "Make this photograph sharper and cleaner, with natural colours and true detail.",
        "text_amount": "none",
        "risk": {"level": "none", "reasons": []},
        "feasible": {"possible": True, "reason": ""},
    }


def score(original: bytes, result: bytes) -> dict[str, Any]:
    """Score a result against its original by measurements."""
    before, after = measure(original), measure(result)
    likeness = float(np.corrcoef(before.thumbnail.ravel(), after.thumbnail.ravel())[0, 1])
    faults = (
        (after.contrast < 4, 85, "结果几乎是空白的"),  # noqa: PLR2004 - of 255
        (original == result, 60, "和原图完全一样,没有处理"),
        (after.sharpness < 0.6 * before.sharpness, 30, "比原图模糊"),
        (max(after.width, after.height) < 0.9 * max(before.width, before.height), 10, "尺寸比原图小"),
        (not likeness > 0.4, 15, "画面与原图差别较大"),  # noqa: PLR2004 - a correlation; not-a-number for a blank one
    )
    found = [(points, issue) for is_so, points, issue in faults if is_so]
    total = max(0, 95 - sum(points for points, _ in found))
    return {"score": total, "issue": ";".join(issue for _, issue in found), "next_step": "repair_prompt"}
