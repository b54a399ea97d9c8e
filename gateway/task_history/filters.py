"""The filter of a list, as query parameters."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError

from domain.task_history.records import TaskFilter, TaskStatus, TaskType

LONGEST_SEARCH = 200  # characters


def task_filter(
    start_date: Annotated[
        date | None, Query(description="First day, in the shop's time zone.", examples=["2026-11-01"])
    ] = None,
    end_date: Annotated[date | None, Query(description="Last day, included.", examples=["2026-11-30"])] = None,
    status: Annotated[TaskStatus | None, Query(description="Only records with this status.")] = None,
    task_type: Annotated[TaskType | None, Query(description="Only records of this type.")] = None,
    favourite: Annotated[bool | None, Query(description="Only favourites, or only others.")] = None,
    q: Annotated[
        str | None,
        Query(max_length=LONGEST_SEARCH, description="Words that the prompt must contain.", examples=["白色 背景"]),
    ] = None,
) -> TaskFilter:
    """Return the filter. Raises RequestValidationError if the days are in the wrong order."""
    if start_date and end_date and start_date > end_date:
        fault = {"loc": ("query", "end_date"), "msg": "must not be before start_date", "type": "value_error"}
        raise RequestValidationError([fault])
    words = q.replace("\0", " ") if q else None
    return TaskFilter(start_date, end_date, status, task_type, favourite, words)


Filter = Annotated[TaskFilter, Depends(task_filter)]
