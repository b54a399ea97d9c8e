"""Which files in storage belong to records of the task history, and which of them are orphaned."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.upkeep.ports import StoredFile
from domain.vocabulary import ids

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OF_A_RECORD = re.compile(rf"{ids.HISTORY}/{_UUID}/({_UUID})/[^/]+")


@dataclass(frozen=True)
class RecordFile:
    """A file of a record: its key, and the id of the record."""

    key: str
    task_id: UUID


def of_records(files: Iterable[StoredFile], before: datetime) -> list[RecordFile]:
    """Return those files that belong to a record and were stored before a moment.

    An order's files lie in the folder of a task `TASK_...`, whoever owns the order. They are never among these.
    """
    found = ((file, _OF_A_RECORD.fullmatch(file.key)) for file in files)
    return [RecordFile(file.key, UUID(name[1])) for file, name in found if name and file.modified_at < before]


def orphans(files: Iterable[RecordFile], known: Collection[UUID]) -> list[str]:
    """Return the keys of files whose record does not exist."""
    return [file.key for file in files if file.task_id not in known]
