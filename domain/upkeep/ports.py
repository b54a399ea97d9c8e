"""The ports of upkeep: the task history, its files, and the figures of the shop."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.upkeep.work import Digest


@dataclass(frozen=True)
class RemovedRecord:
    """A record that was removed. The files of an order's record belong to the order and stay."""

    user_id: UUID
    task_id: UUID
    is_order: bool


@dataclass(frozen=True)
class StoredFile:
    """A file in storage."""

    key: str
    modified_at: datetime


class HistoryKeeper(Protocol):
    """The task history of all users. Each method raises OutsideUnavailable."""

    async def remove_binned(self, before: datetime, most: int) -> list[RemovedRecord]:
        """Remove records that were put in the bin before a moment."""

    async def remove_expired(self, before: datetime, most: int) -> list[RemovedRecord]:
        """Remove records that were created before a moment."""

    async def existing(self, tasks: Collection[UUID]) -> set[tuple[UUID, UUID]]:
        """Return which of these records exist, as pairs of user and task; those in the bin included."""

    async def users(self, after: UUID, most: int) -> list[UUID]:
        """Return users who have records or statistics, in order, beginning after one."""

    async def mend_statistics(self, user_id: UUID) -> list[str]:
        """Recount a user's statistics, fix the rows that differ, and describe each difference."""

    async def over_quota(self, quota: int, most: int) -> list[tuple[UUID, int]]:
        """Return users whose files take more bytes than `quota`, the largest first."""


class FolderFiles(Protocol):
    """The files below a folder of storage. Each method raises OutsideUnavailable, OutsideRefused."""

    async def page(self, folder: str, after: str, most: int) -> list[StoredFile]:
        """Return the next files below a folder in the order of their keys, beginning after one; empty at the end."""

    async def delete_all(self, keys: Sequence[str]) -> None:
        """Delete files. Idempotent."""


class ShopFigures(Protocol):
    """The figures of the shop."""

    async def of_day(self, begins: datetime, ends: datetime) -> Digest:
        """Return the figures of a day. Raises OutsideUnavailable."""
