"""The ports of upkeep: the task history, its files, and the figures of the shop."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from domain.task_history.records import Drift, Task
from domain.upkeep.work import Digest, Kept


@dataclass(frozen=True)
class StoredFile:
    """A file in storage."""

    key: str
    modified_at: datetime


class RecordFigures(Protocol):
    """The sums of all users' records on a day."""

    @property
    def users(self) -> int:
        """The number of users."""

    @property
    def tasks(self) -> int:
        """The number of their records."""

    @property
    def failed(self) -> int:
        """How many of these failed."""


class HistoryKeeper(Protocol):
    """The task history of all users. Each method raises OutsideUnavailable."""

    async def emptied_bins(self, limit: int) -> list[Task]:
        """Return records whose deletion can no longer be undone."""

    async def expired(self, before: datetime, limit: int) -> list[Task]:
        """Return finished records that were created before a moment."""

    async def remove(self, user_id: UUID, task_ids: Collection[UUID]) -> int:
        """Delete records of a user, and return how many there were."""

    async def known(self, task_ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these records exist; those in the bin included."""

    async def users(self, after: UUID | None, limit: int) -> list[UUID]:
        """Return users who have or had records, in order, beginning after one."""

    async def mend_statistics(self, user_id: UUID) -> list[Drift]:
        """Recount a user's records, fix the statistics that differ, and return which did."""

    async def storage(self, more_than: int) -> list[tuple[UUID, int]]:
        """Return users whose files take more bytes than this, the largest first."""

    async def figures(self, day: date) -> RecordFigures:
        """Return the sums of a day of the shop over all users."""


class OldRows(Protocol):
    """Rows that are older than the shop keeps them. Each method is idempotent, and raises OutsideUnavailable."""

    async def orders(self, kind: Kept, before: datetime, most: int) -> list[str]:
        """Return finished orders of which this is still kept, though nothing happened to them since a moment."""

    async def questions(self, before: datetime, most: int) -> list[tuple[str, str]]:
        """Return questions to designers that ended before a moment: the id of each, and the folder of its files."""

    async def files(self, orders: Sequence[str]) -> tuple[set[str], set[str]]:
        """Return the keys of all files of orders, and the folders with their pictures."""

    async def remove(self, kind: Kept, orders: Sequence[str]) -> None:
        """Delete or blank the rows of orders about this, whose files are deleted already."""

    async def remove_questions(self, names: Sequence[str]) -> None:
        """Remove the words of questions, whose files are deleted already."""

    async def remove_late_words(self, before: datetime, most: int) -> int:
        """Remove the words of events that found no open order, and return how many there were."""

    async def remove_old(self, kind: Kept, before: datetime, most: int) -> int:
        """Delete rows of a kind that stand alone and are from before a moment; return how many."""


class FolderFiles(Protocol):
    """The files below a folder of storage. Each method raises OutsideUnavailable, OutsideRefused."""

    async def page(self, folder: str, after: str, most: int) -> list[StoredFile]:
        """Return the next files below a folder in the order of their keys, beginning after one; empty at the end."""

    async def delete_all(self, keys: Sequence[str]) -> None:
        """Delete files. Idempotent."""


class ShopFigures(Protocol):
    """The figures of the shop."""

    async def of_day(self, begins: datetime, ends: datetime) -> Digest:
        """Return the figures of orders and model calls between two moments. Raises OutsideUnavailable."""
