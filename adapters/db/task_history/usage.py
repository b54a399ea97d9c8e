"""What a user has used of their plan, and the monthly grant of credits."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.models import CreditRow
from adapters.db.task_history.claims import as_login, as_user
from adapters.db.task_history.rows import SUMS, day_of, start_of
from domain.task_history.plans import MEGABYTE, Plan, Usage
from domain.task_history.records import Period, TaskType
from domain.task_history.users import User

CREDIT = CreditRow.__table__.columns
GRANT = "grant"


class TaskUsage:
    """Usage of a plan. Raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, user: User, plan: Plan) -> Usage:
        """Return what a user has used, and what is left; this month's grant counts even before it is made."""
        async with as_user(self._engine, user) as connection:
            usage, _ = await usage_of(connection, plan)
        return usage


async def usage_of(connection: AsyncConnection, plan: Plan) -> tuple[Usage, int]:
    """Return the usage of the transaction's user, and the credits of this month that are not granted yet."""
    row = (await connection.execute(_sums())).one()
    due = max(plan.credits_per_month - row.granted, 0)
    usage = Usage(
        records=row.records,
        records_quota=plan.records_per_month,
        tokens=row.tokens,
        credits=row.spent,
        credits_left=row.balance + due,
        storage_bytes=row.storage,
        storage_quota=plan.storage_mb * MEGABYTE,
        month=row.month,
    )
    return usage, due


async def grant(connection: AsyncConnection, user: User, plan: Plan, month: date, due: int) -> None:
    """Grant what is due of a month's credits: all of them once, and the difference after a change to a larger plan."""
    if not due:
        return
    what = f"{GRANT} {month:%Y-%m} of {plan.credits_per_month}"
    async with as_login(connection):
        row = {"user_id": user.user_id, "what": what, "amount": due}
        await connection.execute(insert(CreditRow).values(row).inline())


def _sums() -> Select[Any]:
    """Records count by their charges, which stay when records are deleted; those of orders are not part of the plan."""
    month: Any = cast(func.date_trunc("month", day_of(func.now())), Date)
    is_grant = CREDIT.what.startswith(f"{GRANT} ")
    of_api = CREDIT.what.in_([kind.value for kind in TaskType])
    of_month = func.concat(f"{GRANT} ", func.to_char(month, "YYYY-MM"), " ")
    this_month = (
        select(
            func.coalesce(func.sum(CREDIT.amount).filter(CREDIT.what.startswith(of_month)), 0).label("granted"),
            func.coalesce(-func.sum(CREDIT.amount).filter(~is_grant), 0).label("spent"),
            func.count().filter(of_api).label("records"),
        )
        .where(CREDIT.at >= start_of(month))
        .subquery()
    )
    balance = select(func.coalesce(func.sum(CREDIT.amount), 0)).scalar_subquery()
    return select(
        this_month,
        balance.label("balance"),
        month.label("month"),
        _statistic(SUMS.total_tokens_used, Period.MONTH, month).label("tokens"),
        _statistic(SUMS.total_storage_bytes, Period.ALL, date(1970, 1, 1)).label("storage"),
    )


def _statistic(column: Any, period: Period, day: Any) -> Any:
    found = select(column).where(SUMS.period_type == period.value, SUMS.period_date == day)
    return func.coalesce(found.scalar_subquery(), 0)
