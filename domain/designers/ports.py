"""Ports to human designers: their dispatch system, and the shop's own record of dispatches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.designers.dispatch import DispatchRequest

LISTED_AFTER = timedelta(seconds=5)  # a task whose creation got no answer is listed as pending by then
SIGNED = re.compile(r"(^|&)[^=&]*(sig|token|auth)[^=&]*=", re.IGNORECASE)  # in the query of a presigned URL


@dataclass(frozen=True)
class DispatchTask:
    """The current state of a task in the dispatch system."""

    status: str  # as the system calls it
    designer: str = ""
    is_accepted: bool = False  # always False unless the shop has configured which status means this
    is_finished: bool = False
    result_url: str | None = None  # if the shop has configured which field holds it

    def new_result(self, known: str) -> str | None:
        """Return the URL of its result, or None if it has none or only the known one."""
        return self.result_url if self.result_url and not is_same_file(self.result_url, known) else None

    def is_handed_in(self, known: str) -> bool:
        """Whether its designer is done: it is finished, or has a new result."""
        return self.is_finished or self.new_result(known) is not None


def is_same_file(address: str, other: str) -> bool:
    """Whether two URLs name the same file, ignoring signatures, which change on every request."""
    return _unsigned(address) == _unsigned(other)


def _unsigned(address: str) -> str:
    plain, _, query = address.partition("?")
    return plain if SIGNED.search(query) else address


class Dispatch(Protocol):
    """A dispatch system, such as Tuhui (图绘). Every method raises OutsideUnavailable, OutsideRefused."""

    async def online(self) -> list[str]:
        """Return the names of the designers who are online."""

    async def suggestion(self) -> str | None:
        """Return the designer that the system suggests, or None."""

    async def pending(self, marker: str) -> str | None:
        """Return the id of the unassigned task whose description has exactly this first line, or None.

        Raises if the answer is incomplete or not understood, because the caller creates a task on None.
        """

    async def create(self, name: str, description: str) -> str:
        """Create a task and return its id. Not idempotent: if the answer was lost, the task may exist.

        The error then says so, and when the task should be listed as pending.
        """

    async def assign(self, task_id: str, designer: str, notes: str) -> None:
        """Assign a task to a designer, even if another one has it."""

    async def task(self, task_id: str) -> DispatchTask:
        """Return the current state of a task."""

    async def complete(self, task_id: str, notes: str) -> None:
        """Complete a task. Idempotent: a finished, cancelled or deleted one is left alone."""

    async def cancel(self, task_id: str, notes: str) -> None:
        """Cancel a task, or complete it with these notes if the system cannot cancel. Idempotent like `complete`."""


class DispatchRecords(Protocol):
    """The shop's table of dispatches: who did what, and whose turn is next. Every method raises OutsideUnavailable."""

    async def opened(self, dispatch_id: str, request: DispatchRequest) -> None:
        """Record a new dispatch. Idempotent."""

    async def next_in_turn(self, designers: Sequence[str]) -> str:
        """Return the designer whose last assignment is the oldest."""

    async def assigned(self, dispatch_id: str, designer: str, dispatch_task_id: str) -> None:
        """Record who has it now, and the id of its task in the dispatch system."""

    async def closed(self, dispatch_id: str, closing: str) -> None:
        """Record that it is closed, and why."""
