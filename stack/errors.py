"""The tree of errors: why the stack cannot start, or went down.

StackError
├── FolderInUse     another stack holds the data folder
├── FolderForbidden the data folder belongs to somebody else
├── CannotStart     a server cannot be started at all: its program is missing, or root may not step down
├── PortTaken       another program has a port on which the stack was reached before
├── NotReady        a server was started and did not answer in time
├── ChildDied       a server ended by itself
├── BootstrapFailed a server answers but could not be set up as the orders need it
└── CannotBackUp    a backup cannot be made, or made a stack of
"""

from pathlib import Path
from signal import Signals


class StackError(Exception):
    """An expected reason, told to people without a traceback."""


class FolderInUse(StackError):
    """Another stack has the data folder."""


class FolderForbidden(StackError):
    """We may not write into the data folder."""


class CannotStart(StackError):
    """A program cannot be started."""


class PortTaken(CannotStart):
    """A port that links lead to is somebody else's now."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"port {port}, on which {name} was reached before, is used by another program; stop that one, or delete "
            "ports.json in the data folder: then other ports are taken, and links to the old ones open nothing"
        )


class BootstrapFailed(StackError):
    """A server refuses to be set up."""


class CannotBackUp(StackError):
    """A backup cannot be made, or none can be made a stack of."""


class NotReady(StackError):
    """A server did not answer before its deadline."""

    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} is not ready after {seconds:.0f} s{last_lines(log)}")
        self.name = name


class ChildDied(StackError):
    """A server ended without being asked to; `code` is negative for a signal, as in `subprocess`."""

    advice = "Everything was stopped; no order is lost. `make up` starts it again."

    def __init__(self, name: str, code: int, log: Path) -> None:
        how = f"was killed by {Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        super().__init__(f"{name} {how}{last_lines(log)}")
        self.name = name
        self.code = code


def last_lines(log: Path, count: int = 20) -> str:
    """Return the end of a log as a message's tail: where it lies and its last lines."""
    lines = log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []
    return "".join([f"; the end of {log}:", *(f"\n    {line}" for line in lines)]) if lines else f" (nothing in {log})"
