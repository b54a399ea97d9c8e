"""Removes what is older than the shop keeps it, each kind of data after days of its own."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.upkeep.ports import FolderFiles, OldRows
from domain.upkeep.work import Kept

PAGE = 1_000  # files, as storage lists them


class Retention:
    """Removes old data in batches, files before the rows that name them, so that any try can be repeated."""

    def __init__(self, rows: OldRows, folder: FolderFiles, days: Mapping[Kept, int]) -> None:
        """Take the days that each kind is kept; 0 keeps it forever."""
        self._rows = rows
        self._folder = folder
        self._days = days

    async def remove_batch(self, now: datetime, most: int) -> dict[str, int]:
        """Remove at most so many of each kind; return what was removed, empty if nothing is left to remove."""
        counts: dict[str, int] = {}
        for kind, days in self._days.items():
            if not days:
                continue
            before = now - timedelta(days=days)
            if kind not in {Kept.PICTURES, Kept.WORDS}:
                _add(counts, **{kind.value: await self._rows.remove_old(kind, before, most)})
                continue
            _add(counts, **await self._of_orders(kind, before, most))
            if kind is Kept.WORDS:
                _add(counts, **await self._of_questions(before, most))
                _add(counts, late_events=await self._rows.remove_late_words(before, most))
        return counts

    async def _of_orders(self, kind: Kept, before: datetime, most: int) -> dict[str, int]:
        orders = await self._rows.orders(kind, before, most)
        if not orders:
            return {}
        deleted = 0
        if kind is Kept.PICTURES:
            keys, folders = await self._rows.files(orders)
            deleted = await self._delete_folders(sorted(folders))
            await self._folder.delete_all(sorted(keys))  # copies in the library, and others of other folders
        await self._rows.remove(kind, orders)
        return {kind.value: len(orders), "files": deleted}

    async def _of_questions(self, before: datetime, most: int) -> dict[str, int]:
        questions = await self._rows.questions(before, most)
        deleted = await self._delete_folders([folder for _, folder in questions])
        await self._rows.remove_questions([name for name, _ in questions])
        return {"questions": len(questions), "files": deleted}

    async def _delete_folders(self, folders: Sequence[str]) -> int:
        return sum(await asyncio.gather(*(delete_folder(self._folder, folder) for folder in folders)))


async def delete_folder(files: FolderFiles, folder: str) -> int:
    """Delete the files below a folder, and return how many there were."""
    deleted = 0
    while page := await files.page(folder, "", PAGE):
        await files.delete_all([file.key for file in page])
        deleted += len(page)
    return deleted


def _add(counts: dict[str, int], **more: int) -> None:
    for name, count in more.items():
        if count:
            counts[name] = counts.get(name, 0) + count
