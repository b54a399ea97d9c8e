"""Routes for figures: statistics, and what was used of the plan."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request

from domain.task_history.records import Period
from gateway.errors import OF_ANY_CALLER, problems
from gateway.task_history.bodies import StatisticsView, UsageView, statistics_view, usage_view
from gateway.task_history.context import context
from gateway.task_history.signing_in import SignedIn

router = APIRouter(prefix="/api/task-history", tags=["task history"])


@router.get("/statistics", responses=problems(*OF_ANY_CALLER))
async def read_statistics(
    request: Request,
    user: SignedIn,
    period: Annotated[Period, Query(description="day, week (from Monday), month or all.")] = Period.ALL,
    day: Annotated[
        date | None, Query(alias="date", description="A day in the period, in the shop's time zone. Default: today.")
    ] = None,
) -> StatisticsView:
    """Return the sums of a period: records, success rate, tokens, credits, time."""
    return statistics_view(await context(request).statistics.of(user, period, day))


@router.get("/usage", responses=problems(*OF_ANY_CALLER))
async def read_usage(request: Request, user: SignedIn) -> UsageView:
    """Return what the user has used this month, against the plan."""
    history = context(request)
    plan = history.plan(user)
    return usage_view(history.plan_name(user), plan, await history.usage.of(user, plan))
