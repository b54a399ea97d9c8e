"""Hand-written stand-ins for what upkeep looks after: records, statistics, files and figures, in memory."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.upkeep.ports import RemovedRecord, StoredFile
from domain.upkeep.work import Digest


@dataclass
class Kept:
    """A record: when it was made, and since when it is in the bin."""

    user_id: UUID
    task_id: UUID
    created_at: datetime
    binned_at: datetime | None = None
    is_order: bool = False


@dataclass
class FakeHistory:
    records: list[Kept] = field(default_factory=list)
    wrong: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))  # statistics, by user
    sizes: dict[UUID, int] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)  # of the next looks at statistics

    async def remove_binned(self, before: datetime, most: int) -> list[RemovedRecord]:
        return self._remove([one for one in self.records if one.binned_at and one.binned_at < before][:most])

    async def remove_expired(self, before: datetime, most: int) -> list[RemovedRecord]:
        return self._remove([one for one in self.records if one.created_at < before][:most])

    async def existing(self, tasks: Collection[UUID]) -> set[tuple[UUID, UUID]]:
        return {(one.user_id, one.task_id) for one in self.records if one.task_id in tasks}

    async def users(self, after: UUID, most: int) -> list[UUID]:
        known = {one.user_id for one in self.records} | set(self.wrong) | set(self.sizes)
        return sorted(user for user in known if user > after)[:most]

    async def mend_statistics(self, user_id: UUID) -> list[str]:
        if self.failures:
            raise self.failures.pop(0)
        return self.wrong.pop(user_id, [])

    async def over_quota(self, quota: int, most: int) -> list[tuple[UUID, int]]:
        over = [(user, size) for user, size in self.sizes.items() if size > quota]
        return sorted(over, key=lambda found: -found[1])[:most]

    def _remove(self, gone: list[Kept]) -> list[RemovedRecord]:
        self.records = [one for one in self.records if one not in gone]
        return [RemovedRecord(one.user_id, one.task_id, one.is_order) for one in gone]


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
