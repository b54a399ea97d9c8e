"""Upkeep: what is too old goes, the rest is checked, in portions that a later try takes up where one broke off."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import activity

from activities.retention import Retention, delete_folder
from domain.task_history.records import Drift, Task
from domain.upkeep import days, files
from domain.upkeep.ports import FolderFiles, HistoryKeeper, ShopFigures
from domain.upkeep.work import MOST_EXAMPLES, Digest, Portion, PortionInput
from domain.vocabulary import ids

BATCH = 100  # records
BATCHES = 50  # of a portion
PAGE = 1_000  # files, as storage lists them
USERS = 100
ORPHANED_FOR = timedelta(days=1)  # since a file may be stored before its record names it


class Upkeep:
    """Cleans up and checks the task history. Each activity is idempotent."""

    def __init__(
        self, history: HistoryKeeper, folder: FolderFiles, figures: ShopFigures, retention: Retention, *,
        kept_days: int, storage_quota: int, timezone: str,
    ) -> None:  # fmt: skip
        self._history = history
        self._folder = folder
        self._figures = figures
        self._retention = retention
        self._kept_days = kept_days
        self._storage_quota = storage_quota
        self._timezone = timezone

    @activity.defn(name="remove_old_records")
    async def remove_records(self, request: PortionInput) -> Portion:
        """Remove records that are in the bin or older than the shop keeps them, and whatever else is; files first.

        An expired record of an order goes alone: the files belong to the order.
        """
        portion = _begun(request)
        for _ in range(BATCHES):
            binned = await self._history.emptied_bins(BATCH)
            expired = await self._history.expired(self._kept_since(), BATCH) if self._kept_days else []
            deleted = await self._remove(binned) + await self._remove(expired)
            removed = await self._retention.remove_batch(_now(), BATCH)
            if not binned and not expired and not removed:
                portion.is_done = True
                break
            _note(portion, binned=len(binned), expired=len(expired), files=deleted)
            _note(portion, [], **removed)
        return portion

    @activity.defn(name="remove_orphaned_files")
    async def remove_orphans(self, request: PortionInput) -> Portion:
        """Delete files of records that do not exist. Files of orders are never touched."""
        portion = _begun(request)
        for _ in range(BATCHES):
            page = await self._folder.page(ids.HISTORY, portion.cursor, PAGE)
            if not page:
                portion.is_done = True
                break
            candidates = files.of_records(page, _now() - ORPHANED_FOR)
            known = await self._history.known([file.task_id for file in candidates]) if candidates else set()
            orphans = files.orphans(candidates, known)
            portion.cursor = page[-1].key
            if request.is_trial:
                _note(portion, orphans[:MOST_EXAMPLES], files=len(page), orphans=len(orphans))
                continue
            await self._folder.delete_all(orphans)
            _note(portion, deleted=len(orphans))
        return portion

    @activity.defn(name="check_statistics")
    async def check_statistics(self, request: PortionInput) -> Portion:
        """Recount each user's statistics, and fix and report those that differ from the rows."""
        portion = _begun(request)
        users = await self._history.users(UUID(portion.cursor) if portion.cursor else None, USERS)
        for user in users:
            mended = await self._history.mend_statistics(user)
            portion.cursor = str(user)
            _note(portion, [f"{user} {_words(drift)}" for drift in mended], users=1, mended=len(mended))
        portion.is_done = not users
        return portion

    @activity.defn(name="check_storage")
    async def check_storage(self, request: PortionInput) -> Portion:
        """Report users whose files take more room than any plan allows. Nothing is deleted, uploads are refused."""
        portion = _begun(request)
        users = await self._history.storage(self._storage_quota)
        _note(portion, [f"{user} {size // 1_000_000} MB" for user, size in users], over_quota=len(users))
        portion.is_done = True
        return portion

    @activity.defn(name="gather_digest")
    async def gather_digest(self) -> Digest:
        """Return the figures of the shop's yesterday."""
        day, begins, ends = days.yesterday(_now(), self._timezone)
        orders, records = await self._figures.of_day(begins, ends), await self._history.figures(day)
        of_records = {"records": records.tasks, "records_failed": records.failed, "users": records.users}
        return orders.model_copy(update={"day": day.isoformat(), **of_records})

    def _kept_since(self) -> datetime:
        return _now() - timedelta(days=self._kept_days)

    async def _remove(self, records: Sequence[Task]) -> int:
        """Delete the files of records, then the records; return the number of files."""
        own = [record for record in records if record.order_id is None]
        folders = [ids.folder(str(record.user_id), str(record.id)) for record in own]
        deleted = sum(await asyncio.gather(*(delete_folder(self._folder, folder) for folder in folders)))
        for user in sorted({record.user_id for record in records}):
            await self._history.remove(user, [record.id for record in records if record.user_id == user])
        return deleted


def _now() -> datetime:
    """Return the time of the activity, the same in every try."""
    return activity.info().scheduled_time


def _words(drift: Drift) -> str:
    """Describe statistics that were wrong: by their number of records, or if that was right, as wrong sums."""
    period = f"{drift.period_type} {drift.period_date}"
    return f"{period}: {drift.was} ≠ {drift.should_be}" if drift.was != drift.should_be else f"{period}: Σ ≠"


def _begun(request: PortionInput) -> Portion:
    """Return what an interrupted try has done so far, else an empty portion."""
    last = next(iter(activity.info().heartbeat_details), None)
    return Portion.model_validate(last) if last else Portion(cursor=request.cursor)


def _note(portion: Portion, examples: Sequence[str] = (), **counts: int) -> None:
    portion.add(counts, list(examples))
    activity.heartbeat(portion.model_dump(mode="json"))
