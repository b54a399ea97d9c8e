"""What the routes of the task history need: the tables, tokens, plans and prices."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from weakref import WeakValueDictionary

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.task_history.pages import TaskReader
from adapters.db.task_history.statistics import TaskStatistics
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.usage import TaskUsage
from adapters.db.time_limit import with_time_limit
from adapters.storage.links import ImageLinks
from domain.task_history.plans import Plan
from domain.task_history.users import User
from gateway.sessions import SessionBook
from runtime import wiring
from runtime.settings import Settings

MOST_UPLOADS = 4  # images on their way through the child processes and into storage


@dataclass(frozen=True)
class HistoryContext:
    """The parts of the gateway that serve end users."""

    sessions: SessionBook
    tasks: TaskHistory
    reader: TaskReader
    statistics: TaskStatistics
    usage: TaskUsage
    links: ImageLinks
    plans: Mapping[str, Plan]
    default_plan: str
    prices: Mapping[str, int]
    largest_upload: int  # bytes, whatever the plan
    uploading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_UPLOADS))
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def plan_name(self, user: User) -> str:
        """Return the name of a user's plan; the default one if their token names none that we have."""
        return user.plan if user.plan in self.plans else self.default_plan

    def plan(self, user: User) -> Plan:
        """Return a user's plan."""
        return self.plans[self.plan_name(user)]

    def turn(self, name: str) -> asyncio.Lock:
        """Return the lock of a record, so that two requests do not write its files at the same time."""
        return self._turns.setdefault(name, asyncio.Lock())


def context(request: Request) -> HistoryContext:
    """Return the context of a request."""
    return cast("HistoryContext", request.state.history)


def build(settings: Settings, engine: AsyncEngine) -> HistoryContext:
    """Return the context for a gateway."""
    return HistoryContext(
        sessions=SessionBook(with_time_limit(wiring.sessions(settings, engine)), wiring.tokens(settings)),
        tasks=with_time_limit(TaskHistory(engine)),
        reader=with_time_limit(TaskReader(engine)),
        statistics=with_time_limit(TaskStatistics(engine)),
        usage=with_time_limit(TaskUsage(engine)),
        links=wiring.image_links(settings),
        plans=settings.plans,
        default_plan=settings.default_plan,
        prices=settings.credits,
        largest_upload=wiring.limits(settings).max_bytes,
    )
