"""Upkeep of the task history, in bounded portions that a later try takes up where the last one was interrupted."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import activity

from domain.upkeep import days, files
from domain.upkeep.ports import FolderFiles, HistoryKeeper, RemovedRecord, ShopFigures
from domain.upkeep.work import MOST_EXAMPLES, Digest, Portion, PortionInput
from domain.vocabulary import ids

BATCH = 100  # records
BATCHES = 50  # of a portion
PAGE = 1_000  # files, as storage lists them
USERS = 100
IN_BIN = timedelta(minutes=5)  # well beyond the seconds in which a deletion can be undone
ORPHANED_FOR = timedelta(days=1)  # since a file may be stored before its record names it
FIRST = UUID(int=0)


class Upkeep:
    """Cleans up and checks the task history. Each activity is idempotent."""

    def __init__(
        self, history: HistoryKeeper, folder: FolderFiles, figures: ShopFigures, *, kept_days: int, storage_quota: int,
        timezone: str,
    ) -> None:  # fmt: skip
        self._history = history
        self._folder = folder
        self._figures = figures
        self._kept_days = kept_days
        self._storage_quota = storage_quota
        self._timezone = timezone

    @activity.defn(name="remove_old_records")
    async def remove_records(self, request: PortionInput) -> Portion:
        """Remove records that are in the bin or older than the shop keeps them, with their files.

        The rows go first: files that are left behind by a crash are orphans, which another part removes.
        """
        portion = _begun(request)
        for _ in range(BATCHES):
            binned = await self._history.remove_binned(_now() - IN_BIN, BATCH)
            expired = await self._history.remove_expired(self._kept_since(), BATCH) if self._kept_days else []
            if not binned and not expired:
                portion.is_done = True
                break
            own = [record for record in [*binned, *expired] if not record.is_order]
            deleted = await asyncio.gather(*map(self._delete_folder, own))
            _note(portion, binned=len(binned), expired=len(expired), files=sum(deleted))
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
            existing = await self._history.existing({file.task_id for file in candidates}) if candidates else set()
            orphans = files.orphans(candidates, existing)
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
        users = await self._history.users(UUID(portion.cursor) if portion.cursor else FIRST, USERS)
        for user in users:
            mended = await self._history.mend_statistics(user)
            portion.cursor = str(user)
            _note(portion, [f"{user} {difference}" for difference in mended], users=1, mended=len(mended))
        portion.is_done = not users
        return portion

    @activity.defn(name="check_storage")
    async def check_storage(self, request: PortionInput) -> Portion:
        """Report users whose files take more room than any plan allows. Nothing is deleted, uploads are refused."""
        portion = _begun(request)
        users = await self._history.over_quota(self._storage_quota, PAGE)
        _note(portion, [f"{user} {size // 1_000_000} MB" for user, size in users], over_quota=len(users))
        portion.is_done = True
        return portion

    @activity.defn(name="gather_digest")
    async def gather_digest(self) -> Digest:
        """Return the figures of the shop's yesterday."""
        day, begins, ends = days.yesterday(_now(), self._timezone)
        figures = await self._figures.of_day(begins, ends)
        return figures.model_copy(update={"day": day.isoformat()})

    def _kept_since(self) -> datetime:
        return _now() - timedelta(days=self._kept_days)

    async def _delete_folder(self, record: RemovedRecord) -> int:
        folder = ids.folder(str(record.user_id), str(record.task_id))
        found = await self._folder.page(folder, "", PAGE)
        await self._folder.delete_all([file.key for file in found])
        return len(found)


def _now() -> datetime:
    """Return the time of the activity, the same in every try."""
    return activity.info().scheduled_time


def _begun(request: PortionInput) -> Portion:
    """Return what an interrupted try has done so far, else an empty portion."""
    last = next(iter(activity.info().heartbeat_details), None)
    return Portion.model_validate(last) if last else Portion(cursor=request.cursor)


def _note(portion: Portion, examples: Sequence[str] = (), **counts: int) -> None:
    portion.add(counts, list(examples))
    activity.heartbeat(portion.model_dump(mode="json"))
