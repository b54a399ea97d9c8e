"""The ports to human designers: the dispatch system that they work by, and the shop's own table of who did what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.designers.dispatch import DispatchRequest

LISTED_AFTER = timedelta(seconds=5)  # a task whose creation was not answered is sure to be among the pending by then
SIGNED = re.compile(r"(^|&)[^=&]*(sig|token|auth)[^=&]*=", re.IGNORECASE)  # in the query of a presigned address


@dataclass(frozen=True)
class DispatchTask:
    """A task of the dispatch system as it stands there."""

    status: str  # in its own words
    designer: str = ""
    is_accepted: bool = False  # never where the shop has not said which status means it
    is_finished: bool = False
    result_url: str | None = None  # where the shop has said which field holds it

    def new_result(self, known: str) -> str | None:
        """Return the address of its result, unless that is the known one."""
        return self.result_url if self.result_url and not is_same_file(self.result_url, known) else None

    def is_handed_in(self, known: str) -> bool:
        """Whether its designer is done with it: it is finished, or has a result besides the known one."""
        return self.is_finished or self.new_result(known) is not None


def is_same_file(address: str, other: str) -> bool:
    """Whether two addresses are of one file: a signature, which is another at each look, does not count."""
    return _unsigned(address) == _unsigned(other)


def _unsigned(address: str) -> str:
    plain, _, query = address.partition("?")
    return plain if SIGNED.search(query) else address


class Dispatch(Protocol):
    """A dispatch system, such as Tuhui (图绘). Everything raises OutsideUnavailable, OutsideRefused."""

    async def online(self) -> list[str]:
        """Return the names of the designers who are there now."""

    async def suggestion(self) -> str | None:
        """Return the designer whom the system would take, if it has an opinion."""

    async def pending(self, marker: str) -> str | None:
        """Return the id of the unassigned task of which exactly this is the first line of the description, if any.

        An answer that is not understood, or not whole, raises: who hears that there is none creates one.
        """

    async def create(self, name: str, description: str) -> str:
        """Create a task and return its id. Not idempotent: where the answer was lost it may be there all the same.

        The error then says so, and when it should stand among the pending ones.
        """

    async def assign(self, task_id: str, designer: str, notes: str) -> None:
        """Give a task to a designer, whoever has it."""

    async def task(self, task_id: str) -> DispatchTask:
        """Return a task as it stands."""

    async def complete(self, task_id: str, notes: str) -> None:
        """Complete a task; one that is finished, cancelled or gone already stays as it is."""

    async def cancel(self, task_id: str, notes: str) -> None:
        """Cancel a task like that, or complete it with these notes where the system knows no cancelling."""


class DispatchRecords(Protocol):
    """The table of dispatches: who has done what, and whose turn it is. Everything raises OutsideUnavailable."""

    async def opened(self, dispatch_id: str, request: DispatchRequest) -> None:
        """Keep a dispatch that was begun; the same again changes nothing."""

    async def next_in_turn(self, designers: Sequence[str]) -> str:
        """Return the one of these whose last task was given longest ago."""

    async def assigned(self, dispatch_id: str, designer: str, dispatch_task_id: str) -> None:
        """Keep who has it now, as which task of the dispatch system."""

    async def closed(self, dispatch_id: str, closing: str) -> None:
        """Keep that it is over, and why."""
