"""The addresses of a record's images on the page."""

from dataclasses import dataclass
from enum import StrEnum

from domain.task_history.records import Task
from gateway.history_page.figures import version


class Kind(StrEnum):
    """Which image of a record: the original or the result, as a thumbnail or whole."""

    ORIGINAL = "original"
    GENERATED = "generated"
    ORIGINAL_THUMB = "original-thumb"
    GENERATED_THUMB = "generated-thumb"

    @property
    def is_thumb(self) -> bool:
        """Whether it is a thumbnail."""
        return self in {Kind.ORIGINAL_THUMB, Kind.GENERATED_THUMB}


@dataclass(frozen=True)
class Shown:
    """The images of a record: thumbnail and whole image, None where there is none."""

    before: str | None
    before_thumb: str | None
    after: str | None
    after_thumb: str | None

    @property
    def thumb(self) -> str | None:
        """The thumbnail that stands for the record."""
        return self.after_thumb or self.before_thumb

    @property
    def count(self) -> int:
        """How many images it has."""
        return bool(self.before) + bool(self.after)


def key_of(task: Task, kind: Kind) -> str | None:
    """Return the storage key of the whole image."""
    return task.aws_original_key if kind in {Kind.ORIGINAL, Kind.ORIGINAL_THUMB} else task.aws_generated_key


def of_task(task: Task) -> Shown:
    """Return the addresses of a record's images; each changes when the image is replaced."""
    before, after = (_address(task, kind) for kind in (Kind.ORIGINAL, Kind.GENERATED))
    before_thumb, after_thumb = (_address(task, kind) for kind in (Kind.ORIGINAL_THUMB, Kind.GENERATED_THUMB))
    return Shown(before, before_thumb, after, after_thumb)


def _address(task: Task, kind: Kind) -> str | None:
    key = key_of(task, kind)
    return f"/history/images/{task.id}/{kind}?v={version(key)}" if key else None
