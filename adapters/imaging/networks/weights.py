"""Finds the networks' weights inside the installed packages that carry them; no package of them is imported."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from domain.vocabulary.errors import ModelNotSetUp


class WeightsMissing(ModelNotSetUp):
    """A package that carries weights is not installed: a broken set-up, never the picture's fault."""


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
