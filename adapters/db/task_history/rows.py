"""What the modules of the task history share: records as rows, and filters as conditions."""

from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, RowMapping, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.db.models import TaskRow, TaskStatisticsRow
from domain.task_history.records import Period, Statistics, Task, TaskFilter, TaskStatus, TaskType

TASK = TaskRow.__table__.columns
SUMS = TaskStatisticsRow.__table__.columns
NEWEST_FIRST = (TASK.created_at.desc(), TASK.id.desc())
IS_SHOWN = TASK.deleted_at.is_(None)
SUMMED = tuple(SUMS[name] for name in Statistics.__dataclass_fields__)


def task_of(row: RowMapping) -> Task:
    """Return the record of a row."""
    return Task(**{**row, "task_type": TaskType(row["task_type"]), "status": TaskStatus(row["status"])})


def statistics_of(row: RowMapping | dict[str, Any]) -> Statistics:
    """Return the sums of a row."""
    return Statistics(**{**row, "period_type": Period(row["period_type"])})


def shop_timezone() -> ColumnElement[str]:
    """The shop's time zone, which the database knows."""
    return func.shop_timezone()


def day_of(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The shop's day of a time."""
    return cast(func.timezone(shop_timezone(), moment), Date)


def start_of(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The time at which a day of the shop begins."""
    return func.timezone(shop_timezone(), cast(day, DateTime()))


def conditions_of(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter; records in the bin never match."""
    found: list[ColumnElement[bool]] = [IS_SHOWN]
    if wanted.start_date is not None:
        found.append(TASK.created_at >= start_of(literal(wanted.start_date, Date)))
    if wanted.end_date is not None:
        found.append(TASK.created_at < start_of(literal(wanted.end_date, Date) + 1))
    if wanted.status is not None:
        found.append(TASK.status == wanted.status.value)
    if wanted.task_type is not None:
        found.append(TASK.task_type == wanted.task_type.value)
    if wanted.favourite is not None:
        found.append(TASK.favourite.is_(wanted.favourite))
    return found + [TASK.prompt.icontains(word, autoescape=True) for word in wanted.words]


async def count_of(connection: AsyncConnection, wanted: TaskFilter) -> int:
    """Return how many records match: from the statistics where they tell, else by counting."""
    if wanted.task_type or wanted.favourite is not None or wanted.words:
        return int((await connection.execute(select(func.count()).where(*conditions_of(wanted)))).scalar_one())
    sums = func.coalesce(func.sum(_summed(wanted.status)), 0)
    has_dates = wanted.start_date or wanted.end_date
    found = select(sums).where(SUMS.period_type == (Period.DAY if has_dates else Period.ALL).value)
    if wanted.start_date:
        found = found.where(SUMS.period_date >= wanted.start_date)
    if wanted.end_date:
        found = found.where(SUMS.period_date <= wanted.end_date)
    return int((await connection.execute(found)).scalar_one())


def _summed(status: TaskStatus | None) -> ColumnElement[int]:
    match status:
        case TaskStatus.COMPLETED:
            return SUMS.successful_tasks
        case TaskStatus.FAILED:
            return SUMS.failed_tasks
        case TaskStatus.PENDING:
            return SUMS.total_tasks - SUMS.successful_tasks - SUMS.failed_tasks
    return SUMS.total_tasks
