"""Request and response models of the task history."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AliasChoices, BaseModel, Field, model_validator

from domain.bounds.limits import Cut, readable_id
from domain.task_history.plans import Plan, Usage
from domain.task_history.records import (
    LONGEST_COMMENT,
    LONGEST_ERROR,
    LONGEST_NAME,
    LONGEST_PROMPT,
    MOST_IDS,
    Binned,
    NewTask,
    Period,
    Statistics,
    Task,
    TaskPage,
    TaskStatus,
    TaskType,
)
from gateway.json_bodies import without_surrogates
from gateway.task_history.context import HistoryContext

TASK_ID = "01987f5e-6a3c-7b1e-9d5f-0e6a4c1d2b3a"
LARGEST_TOKENS = 1_000_000_000
LONGEST_TIME_MS = 7 * 24 * 3600 * 1000
MOST_BINNED = 1000  # records deleted at once

Text = AfterValidator(lambda text: text and without_surrogates(text).replace("\0", ""))
Shown = AfterValidator(lambda text: text and readable_id(text))
Ratio = Annotated[str, Field(pattern=r"^[0-9]{1,4}:[0-9]{1,4}$")]


class NewTaskBody(BaseModel):
    """A record to be created."""

    task_type: TaskType = Field(description="What is asked for.", examples=["image_edit"])
    prompt: Annotated[str, Text] = Field(
        "", max_length=LONGEST_PROMPT, description="Words that the image is made from.", examples=["背景换成白色"]
    )
    aspect_ratio: Ratio | None = Field(None, description="Width to height.", examples=["3:4"])
    model_version: Annotated[str, Shown] | None = Field(
        None, max_length=LONGEST_NAME, description="The model that will make it.", examples=["gemini-3.1-flash-image"]
    )

    def task(self) -> NewTask:
        """Return it for the table."""
        return NewTask(self.task_type, self.prompt, self.aspect_ratio, self.model_version)


class OriginalBody(BaseModel):
    """The original image, as a data URL."""

    original_image_data: str = Field(
        validation_alias=AliasChoices("original_image_data", "image_data"),
        description="The image as a data URL.",
        examples=["data:image/png;base64,iVBORw0KGgo..."],
    )


class CompletionBody(BaseModel):
    """How a task ended: with an image or with an error."""

    generated_image_data: str | None = Field(
        None, description="The result as a data URL.", examples=["data:image/png;base64,iVBORw0KGgo..."]
    )
    error_message: Annotated[str, Text, AfterValidator(Cut(LONGEST_ERROR))] | None = Field(
        None, description="Why there is no result; longer ones are cut.", examples=["the model refused the image"]
    )
    tokens_used: int | None = Field(None, ge=0, le=LARGEST_TOKENS, examples=[1290])
    credits_deducted: Any = Field(
        None, description="Ignored: credits follow the shop's price list, whatever a client says.", examples=[1]
    )
    generation_time_ms: int | None = Field(None, ge=0, le=LONGEST_TIME_MS, examples=[8400])

    @model_validator(mode="after")
    def _ends_one_way(self) -> Self:
        if bool(self.generated_image_data) == bool(self.error_message):
            raise ValueError("send either generated_image_data or error_message")
        return self


class FavouriteBody(BaseModel):
    """Whether a record is a favourite."""

    favourite: bool = Field(examples=[True])


class RatingBody(BaseModel):
    """A rating of a result."""

    rating: int = Field(ge=1, le=5, description="From 1 (bad) to 5 (very good).", examples=[5])
    comment: Annotated[str, Text] | None = Field(None, max_length=LONGEST_COMMENT, examples=["颜色很自然"])


class TaskIds(BaseModel):
    """Records, by their ids."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST_BINNED, examples=[[TASK_ID]])


class TaskView(BaseModel):
    """A record. Its links show the images without sign-in for at least twelve hours; fetch it again for new ones."""

    id: UUID = Field(examples=[TASK_ID])
    user_id: UUID
    task_type: TaskType
    prompt: str
    original_image_url: str | None = Field(description="Link to the original.")
    original_thumbnail_url: str | None = Field(description="Link to a small JPEG of the original.")
    generated_image_url: str | None = Field(description="Link to the result.")
    generated_thumbnail_url: str | None = Field(description="Link to a small JPEG of the result.")
    aws_original_key: str | None = Field(description="Key of the original in storage.")
    aws_generated_key: str | None = Field(description="Key of the result in storage.")
    tokens_used: int | None
    credits_deducted: int = Field(description="By the shop's price list; 0 if the task failed.")
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
    order_id: str | None = Field(description="The order that it belongs to, if any.")
    storage_bytes: int = Field(description="Size of its files.")


class TaskList(BaseModel):
    """A page of records, newest first."""

    tasks: list[TaskView]
    total: int = Field(description="Records that match, on all pages.")
    page: int | None = Field(description="Number of this page, from 1; null if it was reached by a cursor.")
    limit: int
    pages: int
    next_cursor: str | None = Field(description="`cursor` of the next page; null on the last one.")


class TaskPlace(BaseModel):
    """The place of a record in the list."""

    id: UUID = Field(examples=[TASK_ID])
    day: date = Field(description="The day of its creation in the shop's time zone.")
    aspect_ratio: str | None


class TaskPlaces(BaseModel):
    """The ids of all records that match, newest first."""

    tasks: list[TaskPlace] = Field(description=f"At most {MOST_IDS:,}.")
    total: int
    is_complete: bool = Field(description="Whether all records are in it.")


class BinnedView(BaseModel):
    """Records that were deleted, and until when that can be undone."""

    count: int = Field(description="Records deleted; unknown ids and those of other users do not count.")
    undo_until: datetime


class RestoredView(BaseModel):
    """Records that were restored."""

    count: int


class StatisticsView(BaseModel):
    """The sums of a period."""

    period_type: Period
    period_date: date = Field(description="First day of the period in the shop's time zone; 1970-01-01 for all.")
    total_tasks: int
    successful_tasks: int
    failed_tasks: int
    success_rate: float = Field(description="Share of finished records that succeeded, from 0 to 1.")
    total_tokens_used: int
    total_credits_deducted: int
    total_generation_time_ms: int
    avg_generation_time_ms: float


class UsageView(BaseModel):
    """What was used this month, against the plan."""

    plan: str = Field(examples=["pro"])
    month: date = Field(description="First day of the month in the shop's time zone.")
    records: int = Field(description="Records created, also those deleted since.")
    records_quota: int
    tokens: int
    credits: int = Field(description="Credits spent.")
    credits_left: int
    storage_bytes: int
    storage_quota: int = Field(description="Bytes.")
    upload_mb: int = Field(description="Largest image, in MB.")
    may_export: bool


def task_view(history: HistoryContext, task: Task) -> TaskView:
    """Return a record for its user."""
    original, generated = task.aws_original_key, task.aws_generated_key
    return TaskView.model_validate(
        {name: getattr(task, name) for name in TaskView.model_fields if hasattr(task, name)}
        | {
            "original_image_url": history.links.url(original) if original else task.original_image_url,
            "original_thumbnail_url": original and history.links.url(original, is_small=True),
            "generated_image_url": history.links.url(generated) if generated else task.generated_image_url,
            "generated_thumbnail_url": generated and history.links.url(generated, is_small=True),
        }
    )


def task_list(history: HistoryContext, page: TaskPage, limit: int) -> TaskList:
    """Return a page of records for its user."""
    return TaskList(
        tasks=[task_view(history, task) for task in page.tasks],
        total=page.total,
        page=page.page,
        limit=limit,
        pages=page.pages,
        next_cursor=page.next_cursor,
    )


def binned_view(binned: Binned) -> BinnedView:
    """Return what was put in the bin."""
    return BinnedView(count=binned.count, undo_until=binned.undo_until)


def statistics_view(found: Statistics) -> StatisticsView:
    """Return statistics for their user."""
    return StatisticsView.model_validate({name: getattr(found, name) for name in StatisticsView.model_fields})


def usage_view(plan_name: str, plan: Plan, used: Usage) -> UsageView:
    """Return what a user has used."""
    named = {name: getattr(used, name) for name in UsageView.model_fields if hasattr(used, name)}
    return UsageView(plan=plan_name, upload_mb=plan.upload_mb, may_export=plan.may_export, **named)
