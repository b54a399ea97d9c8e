"""The errors of the stack: why it cannot start, or went down.

StackError
├── FolderInUse     another stack holds the data folder
├── FolderForbidden the data folder belongs to another user, or holds other files
├── CannotStart     a server cannot be started, e.g. because its program is missing
├── PortTaken       another program uses a port of an earlier start
├── NotReady        a server was started but did not answer in time
├── ChildDied       a server exited unexpectedly
├── BootstrapFailed a server answers but could not be set up
└── CannotBackUp    a backup or restore is not possible
"""

from pathlib import Path
from signal import Signals


class StackError(Exception):
    """An expected error, shown to users without a traceback."""


class FolderInUse(StackError):
    """Another stack holds the data folder."""


class FolderForbidden(StackError):
    """The data folder cannot be used."""


class CannotStart(StackError):
    """A server cannot be started."""


class PortTaken(CannotStart):
    """A port that existing links point to is used by another program."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"port {port}, previously used by {name}, is taken by another program. Stop that one, or delete ports.json "
            "in the data folder to choose other ports; existing links will then stop working"
        )


class BootstrapFailed(StackError):
    """A server could not be set up."""


class CannotBackUp(StackError):
    """A backup or restore is not possible."""


class NotReady(StackError):
    """A server did not answer in time."""

    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} is not ready after {seconds:.0f} s{last_lines(log)}")
        self.name = name


class ChildDied(StackError):
    """A server exited unexpectedly; `code` is negative for a signal, as in `subprocess`."""

    advice = "Everything was stopped; no order is lost. Restart with `make up`."

    def __init__(self, name: str, code: int, log: Path) -> None:
        how = f"was killed by {Signals(-code).name}" if code < 0 else f"exited with code {code}"
        super().__init__(f"{name} {how}{last_lines(log)}")
        self.name = name
        self.code = code


def last_lines(log: Path, count: int = 20) -> str:
    """Return the path and the last lines of a log, to append to a message."""
    lines = log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []
    return "".join([f"; last lines of {log}:", *(f"\n    {line}" for line in lines)]) if lines else f" ({log} is empty)"
