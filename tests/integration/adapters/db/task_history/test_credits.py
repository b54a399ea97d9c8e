"""What records cost: credits and quotas of a month, alone and twenty at once."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.usage import TaskUsage
from domain.task_history.records import TaskStatus
from domain.task_history.users import User
from domain.vocabulary.errors import (
    QuotaSpent,
)
from tests.integration.adapters.db.task_history.counting import check
from tests.integration.adapters.db.task_history.making import FAILED, NEW, plan


async def test_a_failed_record_gets_its_credits_back_once(
    history: TaskHistory, usage: TaskUsage, user: User, administrator: AsyncEngine
) -> None:
    task = await history.create(user, NEW, plan=plan(credits_=10), price=3)
    failed = await history.complete(user, task.id, FAILED)
    assert (failed.status, failed.error_message, failed.credits_deducted) == (
        TaskStatus.FAILED,
        FAILED.error_message,
        0,
    )
    await history.complete(user, task.id, FAILED)
    used = await usage.of(user, plan(credits_=10))
    assert (used.records, used.credits, used.credits_left) == (1, 0, 10)
    await check(administrator, [user.user_id])


async def test_deleting_gives_no_quota_back(history: TaskHistory, usage: TaskUsage, user: User) -> None:
    narrow = plan(records=2, credits_=10)
    for _ in range(2):
        task = await history.create(user, NEW, plan=narrow, price=1)
        assert await history.delete(user, task.id) == [f"task-history/{user.user_id}/{task.id}/"]
    with pytest.raises(QuotaSpent, match="all 2 records"):
        await history.create(user, NEW, plan=narrow, price=1)
    assert (await usage.of(user, narrow)).credits_left == 8


@pytest.mark.parametrize("seed", range(3))
async def test_twenty_at_once_never_spend_more_than_there_is(
    history: TaskHistory, usage: TaskUsage, user: User, seed: int
) -> None:
    narrow = (plan(records=7), plan(credits_=21), plan(records=5, credits_=10))[seed]
    expected = (7, 7, 3)[seed]
    results = await asyncio.gather(
        *(history.create(user, NEW, plan=narrow, price=3) for _ in range(20)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, QuotaSpent)]
    assert len(results) - len(refused) == expected
    assert {type(result).__name__ for result in results} == {"Task", "QuotaSpent"}
    used = await usage.of(user, narrow)
    assert (used.records, used.credits) == (expected, expected * 3)
    assert used.credits_left == narrow.credits_per_month - expected * 3 >= 0


async def test_a_months_credits_are_granted_once_and_a_larger_plan_adds_the_difference(
    history: TaskHistory, usage: TaskUsage, user: User, administrator: AsyncEngine
) -> None:
    async def balance() -> tuple[int, int]:
        async with administrator.connect() as connection:
            found = "SELECT count(*), sum(amount) FROM credit_ledger WHERE user_id = :u AND what LIKE 'grant %'"
            return tuple((await connection.execute(text(found), {"u": user.user_id})).one())

    small, large = plan(credits_=10), plan(credits_=50)
    await asyncio.gather(*(history.create(user, NEW, plan=small, price=1) for _ in range(3)))
    assert await balance() == (1, 10)
    for wanted in (large, small, large):
        await history.create(user, NEW, plan=wanted, price=1)
        assert await balance() == (2, 50)
    assert (await usage.of(user, large)).credits_left == 44


async def test_credits_of_last_month_stay_and_its_records_do_not_count(
    history: TaskHistory, usage: TaskUsage, user: User, administrator: AsyncEngine
) -> None:
    narrow = plan(records=1, credits_=10)
    await history.create(user, NEW, plan=narrow, price=4)
    async with administrator.begin() as connection:
        aged = """
            UPDATE credit_ledger SET at = at - interval '40 days',
                   what = CASE WHEN what LIKE 'grant %' THEN 'grant 2020-01 of 10' ELSE what END
             WHERE user_id = :u
        """
        await connection.execute(text(aged), {"u": user.user_id})
    used = await usage.of(user, narrow)
    assert (used.records, used.credits, used.credits_left) == (0, 0, 16)
    await history.create(user, NEW, plan=narrow, price=16)
