"""Hand-written stand-ins for what upkeep looks after: records, statistics, files and figures, in memory."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.task_history.records import UNDO, Drift, Task
from domain.upkeep.ports import StoredFile
from domain.upkeep.work import Digest


@dataclass
class Kept:
    """A record: when it was made, and since when it is in the bin."""

    user_id: UUID
    task_id: UUID
    created_at: datetime
    binned_at: datetime | None = None
    is_order: bool = False

    @property
    def task(self) -> Task:
        rest: dict[str, Any] = dict.fromkeys(field.name for field in fields(Task))
        named = {"id": self.task_id, "user_id": self.user_id, "created_at": self.created_at}
        return Task(**{**rest, **named, "order_id": "ORDER_20261122_7K3F9Q" if self.is_order else None})


@dataclass
class Figures:
    """The records of a day."""

    users: int = 2
    tasks: int = 40
    failed: int = 3


@dataclass
class FakeHistory:
    records: list[Kept] = field(default_factory=list)
    wrong: dict[UUID, list[Drift]] = field(default_factory=lambda: defaultdict(list))  # statistics, by user
    sizes: dict[UUID, int] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)  # of the next looks at statistics

    async def emptied_bins(self, limit: int) -> list[Task]:
        return [one.task for one in self.records if one.binned_at and one.binned_at + UNDO < datetime.now(UTC)][:limit]

    async def expired(self, before: datetime, limit: int) -> list[Task]:
        return [one.task for one in self.records if one.created_at < before][:limit]

    async def remove(self, user_id: UUID, task_ids: Collection[UUID]) -> int:
        before = len(self.records)
        self.records = [one for one in self.records if one.user_id != user_id or one.task_id not in task_ids]
        return before - len(self.records)

    async def known(self, task_ids: Sequence[UUID]) -> set[UUID]:
        return {one.task_id for one in self.records} & set(task_ids)

    async def users(self, after: UUID | None, limit: int) -> list[UUID]:
        known = {one.user_id for one in self.records} | set(self.wrong) | set(self.sizes)
        return sorted(user for user in known if after is None or user > after)[:limit]

    async def mend_statistics(self, user_id: UUID) -> list[Drift]:
        if self.failures:
            raise self.failures.pop(0)
        found, self.wrong[user_id] = self.wrong[user_id], []
        return found

    async def storage(self, more_than: int) -> list[tuple[UUID, int]]:
        over = [(user, size) for user, size in self.sizes.items() if size > more_than]
        return sorted(over, key=lambda found: -found[1])

    async def figures(self, day: date) -> Figures:
        return Figures()


@dataclass
class FakeFolder:
    stored: dict[str, datetime] = field(default_factory=dict)
    failure: Exception | None = None
    pages: int = 0

    async def page(self, folder: str, after: str, most: int) -> list[StoredFile]:
        if self.failure:
            raise self.failure
        self.pages += 1
        keys = sorted(key for key in self.stored if key.startswith(f"{folder}/") and key > after)
        return [StoredFile(key, self.stored[key]) for key in keys[:most]]

    async def delete_all(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.stored.pop(key, None)


@dataclass
class FakeFigures:
    digest: Digest = field(default_factory=lambda: Digest(day="", orders_started=3, paid="54.00 CNY"))
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def of_day(self, begins: datetime, ends: datetime) -> Digest:
        self.asked.append((begins, ends))
        return self.digest
