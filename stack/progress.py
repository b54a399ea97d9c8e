"""Shows which servers are starting, ready or stopping: live in a terminal, else as plain lines."""

import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import SpinnerColumn, TaskID, TextColumn
from rich.table import Table


class Progress:
    """One line per server on a console; silent without a console."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(quiet=True)
        self._began = time.monotonic()
        self._rows: dict[str, TaskID] = {}
        self._bars = Bars(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._bars.stop()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def note(self, text: str) -> None:
        """Print a note."""
        with suppress(OSError):  # the terminal was closed; still stop the servers
            self._console.print(text, highlight=False, soft_wrap=True)

    def trouble(self, text: str) -> None:
        """Print an error."""
        with suppress(OSError):
            self._console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)

    def show(self, table: Table) -> None:
        """Print a table."""
        with suppress(OSError):
            self._console.print(table)

    def starting(self, name: str) -> None:
        """Show that a server is starting."""
        if self._console.is_terminal:
            self._rows[name] = self._bars.add_task(f"{name} is starting", total=1)

    def ready(self, name: str, seconds: float) -> None:
        """Show that a server is ready."""
        text = f"{name} is ready after {seconds:.1f} s"
        if name in self._rows:
            self._bars.update(self._rows[name], description=text, completed=1)
        else:
            self.note(text)

    def stopping(self, name: str) -> None:
        """Show that a server is stopping."""
        self.note(f"{name} is stopping")
