"""A user's records: one for each image that was made, or is being made, for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

LONGEST_PROMPT = 4_000  # characters of a prompt that a client sends
LONGEST_KEPT_PROMPT = 20_000  # characters; prompts of orders are longer
LONGEST_ERROR = 2_000
LONGEST_COMMENT = 2_000
LONGEST_NAME = 200  # characters of an aspect ratio or a model's name
MOST_WORDS = 10  # of a search
MOST_IDS = 10_000
UNDO = timedelta(seconds=10)
GRACE = timedelta(seconds=5)  # for an undo that was sent in time and took a while


class TaskType(StrEnum):
    """What was asked for."""

    IMAGE_GENERATION = "image_generation"
    IMAGE_EDIT = "image_edit"
    TEMPLATE_GENERATION = "template_generation"


class TaskStatus(StrEnum):
    """How far a record is."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True)
class NewTask:
    """What a client says about a record to be created."""

    task_type: TaskType
    prompt: str
    aspect_ratio: str | None = None
    model_version: str | None = None


@dataclass(frozen=True)
class Completion:
    """How a task ended: with the storage key of its image, or with an error. Raises ValueError without either.

    The client does not say what it cost: credits follow the shop's price table.
    """

    generated_key: str | None = None
    error_message: str | None = None
    tokens_used: int | None = None
    generation_time_ms: int | None = None

    def __post_init__(self) -> None:
        if not (self.generated_key or self.error_message):
            raise ValueError("a task ends with an image or an error")


@dataclass(frozen=True)
class Task:
    """A record with all its columns; `tokens_used` and `generation_time_ms` are None until known."""

    id: UUID
    user_id: UUID
    task_type: TaskType
    prompt: str
    original_image_url: str | None
    generated_image_url: str | None
    aws_original_key: str | None
    aws_generated_key: str | None
    tokens_used: int | None
    credits_deducted: int
    status: TaskStatus
    error_message: str | None
    aspect_ratio: str | None
    model_version: str | None
    generation_time_ms: int | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    favourite: bool
    rating: int | None
    rating_comment: str | None
    order_id: str | None
    image_task_id: str | None
    call_id: str | None
    storage_bytes: int
    deleted_at: datetime | None
    revision: int


@dataclass(frozen=True)
class TaskRef:
    """The place of a record in a list: its day in the shop's time zone, and the shape of its image."""

    task_id: UUID
    day: date
    aspect_ratio: str | None


@dataclass(frozen=True)
class TaskFilter:
    """Which records to list. Dates are days of the shop, both inclusive; every word of `q` must be in the prompt."""

    start_date: date | None = None
    end_date: date | None = None
    status: TaskStatus | None = None
    task_type: TaskType | None = None
    favourite: bool | None = None
    q: str | None = None

    @property
    def words(self) -> list[str]:
        """The words to look for, at most MOST_WORDS."""
        return (self.q or "").split()[:MOST_WORDS]


@dataclass(frozen=True)
class TaskPage:
    """A page of a list. `page` is None if it was reached by a cursor; `next_cursor` is None on the last page."""

    tasks: Sequence[Task]
    total: int
    page: int | None
    pages: int
    next_cursor: str | None


@dataclass(frozen=True)
class Binned:
    """Records put in the bin, and until when they can be taken out again."""

    count: int
    undo_until: datetime


class Period(StrEnum):
    """The length of a period of statistics; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


@dataclass(frozen=True)
class Statistics:
    """The sums of a user's records in a period; `period_date` is its first day, 1970-01-01 for all.

    Pending records count in `total_tasks` only, so the success rate is that of finished ones, from 0 to 1.
    """

    period_type: Period
    period_date: date
    total_tasks: int = 0
    successful_tasks: int = 0
    failed_tasks: int = 0
    total_tokens_used: int = 0
    total_credits_deducted: int = 0
    total_generation_time_ms: int = 0
    avg_generation_time_ms: int = 0
    total_storage_bytes: int = 0

    @property
    def success_rate(self) -> float:
        """The share of finished records that succeeded; 0 if none has finished."""
        finished = self.successful_tasks + self.failed_tasks
        return self.successful_tasks / finished if finished else 0.0


@dataclass(frozen=True)
class Drift:
    """Statistics of a period that did not match the records; `was` and `should_be` are the number of records."""

    period_type: Period
    period_date: date
    was: int
    should_be: int
