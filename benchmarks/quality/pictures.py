"""The photographs that quality is measured on: from packages, read out of .venv/quality without importing these.

scikit-image's are in the public domain or CC0, matplotlib's and PyWavelets' are public domain, scikit-learn's CC BY.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from adapters.imaging.arrays import Pixels
from runtime.paths import ROOT

FOLDER = ROOT / ".venv" / "quality"  # made by `make quality`
FILES = {
    "astronaut": "skimage/data/astronaut.png",
    "chelsea": "skimage/data/chelsea.png",
    "coffee": "skimage/data/coffee.png",
    "rocket": "skimage/data/rocket.jpg",
    "motorcycle": "skimage/data/motorcycle_left.png",
    "hubble": "skimage/data/hubble_deep_field.jpg",
    "retina": "skimage/data/retina.jpg",
    "tissue": "skimage/data/ihc.png",
    "camera": "skimage/data/camera.png",
    "coins": "skimage/data/coins.png",
    "moon": "skimage/data/moon.png",
    "brick": "skimage/data/brick.png",
    "gravel": "skimage/data/gravel.png",
    "clock": "skimage/data/clock_motion.png",
    "page": "skimage/data/page.png",
    "china": "sklearn/datasets/images/china.jpg",
    "flower": "sklearn/datasets/images/flower.jpg",
    "hopper": "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
    "ascent": "pywt/data/ascent.npz",
    "aero": "pywt/data/aero.npz",
    "store": "mahotas/demos/data/DepartmentStore.jpg",
}
SIDE = 720  # pixels


@dataclass(frozen=True)
class Photograph:
    """A photograph by name. One that is kept aside is only reported, never tuned on."""

    name: str
    pixels: Pixels

    @property
    def is_aside(self) -> bool:
        """Whether it belongs to the third that is kept aside, by the hash of its name."""
        return is_aside(self.name)


def is_aside(name: str) -> bool:
    """Whether a case belongs to the third that is kept aside."""
    return hashlib.sha256(name.encode()).digest()[0] % 3 == 0


@cache
def photographs(side: int = SIDE) -> list[Photograph]:
    """Return all photographs, at most `side` pixels long. Raises FileNotFoundError without `make quality`."""
    return [Photograph(name, _read(FOLDER / path, side)) for name, path in FILES.items()]


def _read(path: Path, side: int) -> Pixels:
    if path.suffix == ".npz":
        image = Image.fromarray(np.load(path)["data"].astype(np.uint8)).convert("RGB")
    else:
        image = Image.open(path).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image)
