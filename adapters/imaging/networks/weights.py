"""Finds the networks' weights inside installed packages, without importing these."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from domain.vocabulary.errors import ModelNotSetUp


class WeightsMissing(ModelNotSetUp):
    """A package with weights is not installed: the set-up is broken, not the picture."""


def find(package: str, filename: str) -> Path:
    """Return the path of a file of an installed distribution. Raises WeightsMissing."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if file.name == filename and path.is_file():
            return path
    raise WeightsMissing(f"{filename} of the package {package} is not installed; run `make install`.")
