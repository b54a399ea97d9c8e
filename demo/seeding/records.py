"""Made-up records of several users over a year: pure and repeatable, apart from the current time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from demo.seeding import words
from domain.task_history.records import TaskStatus, TaskType

USERS = 8
SHARE_OF_FIRST = 0.7
DAYS = 365
BYTES = 50_000  # of a pair with its thumbnails, about
PENDING = 12  # of the first user, today
FAILED, FAVOURITE, RATED = 0.07, 0.12, 0.2  # shares
PRICES = {TaskType.IMAGE_EDIT: 1, TaskType.IMAGE_GENERATION: 1, TaskType.TEMPLATE_GENERATION: 2}
ASKED = {
    TaskType.IMAGE_EDIT: words.EDITS,
    TaskType.IMAGE_GENERATION: words.GENERATIONS,
    TaskType.TEMPLATE_GENERATION: words.TEMPLATES,
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """The keys of an original and its result in storage, their shape, and the photograph that they are cut from."""

    original: str
    generated: str
    ratio: str
    photo: str


def users(first: UUID) -> list[UUID]:
    """Return the users, beginning with the one who has most records."""
    return [first, *(uuid5(first, f"user {number}") for number in range(2, USERS + 1))]


def rows(count: int, first: UUID, pairs: Sequence[Pair], now: datetime) -> Iterator[Row]:
    """Yield the records in no order of time. The same number of record always has the same id, user and content."""
    everybody = users(first)
    for number in range(count):
        draw = Random(number)  # noqa: S311 - not a secret
        is_first = draw.random() < SHARE_OF_FIRST or number < PENDING
        user = first if is_first else draw.choice(everybody[1:])
        yield _row(draw, number, user, pairs, now)


def _row(draw: Random, number: int, user: UUID, pairs: Sequence[Pair], now: datetime) -> Row:
    kind = draw.choices(list(TaskType), weights=(25, 60, 15))[0]
    is_pending, is_failed = number < PENDING, draw.random() < FAILED
    created_at = now - (timedelta(seconds=40 * number) if is_pending else _age(draw))
    pair, milliseconds = draw.choice(pairs), int(draw.lognormvariate(8.8, 0.5))
    is_completed = not is_pending and not is_failed
    status = TaskStatus.PENDING if is_pending else TaskStatus.FAILED if is_failed else TaskStatus.COMPLETED
    is_rated = is_completed and draw.random() < RATED
    return {
        "id": uuid5(NAMESPACE_OID, f"darkroom seed {user} {number}"),
        "user_id": user,
        "task_type": kind,
        "prompt": draw.choice(ASKED[kind]).format(subject=draw.choice(words.SUBJECTS[pair.photo]))
        + draw.choice(words.EXTRAS),
        "aws_original_key": pair.original if kind is TaskType.IMAGE_EDIT else None,
        "aws_generated_key": pair.generated if is_completed else None,
        "tokens_used": None if is_pending else draw.randint(1100, 2900),
        "credits_deducted": 0 if is_failed else PRICES[kind],
        "status": status,
        "error_message": draw.choice(words.FAILURES) if status is TaskStatus.FAILED else None,
        "aspect_ratio": pair.ratio,
        "model_version": draw.choice(words.MODELS),
        "generation_time_ms": None if is_pending else milliseconds,
        "created_at": created_at,
        "completed_at": None if is_pending else created_at + timedelta(milliseconds=milliseconds),
        "favourite": is_completed and draw.random() < FAVOURITE,
        "rating": draw.choices((1, 2, 3, 4, 5), weights=(2, 3, 10, 35, 50))[0] if is_rated else None,
        "rating_comment": draw.choice(words.COMMENTS) or None if is_rated else None,
        "storage_bytes": BYTES if is_completed else 0,
    }


def _prompt(draw: Random, kind: TaskType, photo: str) -> str:
    asked, subject, extra = (draw.choice(some) for some in (ASKED[kind], words.SUBJECTS[photo], words.EXTRAS))
    return asked.format(subject=subject) + extra


def _age(draw: Random) -> timedelta:
    """Return how long ago: more of late, and at hours when people are awake in China."""
    days = int(DAYS * draw.random() ** 1.6)
    return timedelta(days=days, minutes=draw.randint(15, 14 * 60), seconds=draw.randint(0, 59))
