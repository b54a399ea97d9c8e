"""Shows people what is starting, what is ready and what stops: live on a terminal, as plain lines elsewhere."""

import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import SpinnerColumn, TaskID, TextColumn
from rich.table import Table


class Progress:
    """A line a server on a console; nothing at all without one."""

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
        """Seconds since this began."""
        return time.monotonic() - self._began

    def note(self, text: str) -> None:
        """Say a sentence."""
        with suppress(OSError):  # the terminal was closed: what runs is stopped all the same
            self._console.print(text, highlight=False, soft_wrap=True)

    def trouble(self, text: str) -> None:
        """Say why nothing goes on."""
        with suppress(OSError):
            self._console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)

    def show(self, table: Table) -> None:
        """Show a table."""
        with suppress(OSError):
            self._console.print(table)

    def starting(self, name: str) -> None:
        """Show that this one is being started."""
        if self._console.is_terminal:
            self._rows[name] = self._bars.add_task(f"{name} is starting", total=1)

    def ready(self, name: str, seconds: float) -> None:
        """Show that this one is ready."""
        text = f"{name} is ready after {seconds:.1f} s"
        if name in self._rows:
            self._bars.update(self._rows[name], description=text, completed=1)
        else:
            self.note(text)

    def stopping(self, name: str) -> None:
        """Show that this one has been asked to stop."""
        self.note(f"{name} stops")
