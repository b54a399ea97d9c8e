"""What a plan allows, and what a user is told beyond it."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain.task_history.plans import MEGABYTE, Plan, Usage, check_export, check_new, check_upload
from domain.task_history.records import Completion, Period, Statistics, TaskFilter
from domain.vocabulary.errors import PlanForbids, QuotaSpent

PLAN = Plan(records_per_month=10, upload_mb=2, storage_mb=5, credits_per_month=20, may_export=False)


def used(**values: int) -> Usage:
    nothing: dict[str, Any] = dict.fromkeys(
        ("records", "records_quota", "tokens", "credits", "credits_left", "storage_bytes", "storage_quota"), 0
    )
    return Usage(**{**nothing, "month": date(2026, 11, 1), **values})


def test_the_last_record_and_the_last_credit_can_be_used() -> None:
    check_new(PLAN, used(records=9, credits_left=3), price=3)
    check_new(PLAN, used(records=0, credits_left=0), price=0)


@pytest.mark.parametrize(
    ("usage", "price", "phrase"),
    [
        (used(records=10, credits_left=20), 0, "quota.records"),
        (used(records=11, credits_left=20), 0, "quota.records"),
        (used(records=9, credits_left=2), 3, "quota.credits"),
        (used(credits_left=-1), 1, "quota.credits"),
    ],
)
def test_beyond_that_a_user_is_told_what_to_do(usage: Usage, price: int, phrase: str) -> None:
    with pytest.raises(QuotaSpent, match="upgrade the plan") as refused:
        check_new(PLAN, usage, price)
    assert refused.value.told.phrase == phrase


@pytest.mark.parametrize(
    ("stored", "replaced", "size", "refused"),
    [
        (0, 0, 2 * MEGABYTE, None),
        (0, 0, 2 * MEGABYTE + 1, PlanForbids),
        (4 * MEGABYTE, 0, MEGABYTE, None),
        (4 * MEGABYTE, 0, MEGABYTE + 1, QuotaSpent),
        (5 * MEGABYTE, MEGABYTE, MEGABYTE, None),
        (5 * MEGABYTE, MEGABYTE, MEGABYTE + 1, QuotaSpent),
    ],
)
def test_an_upload_fits_the_plan_or_not(stored: int, replaced: int, size: int, refused: type[Exception] | None) -> None:
    usage = used(storage_bytes=stored)
    if refused is None:
        check_upload(PLAN, usage, size, replaced)
    else:
        with pytest.raises(refused, match="upgrade the plan"):
            check_upload(PLAN, usage, size, replaced)


def test_an_export_is_part_of_some_plans() -> None:
    check_export(PLAN.model_copy(update={"may_export": True}))
    with pytest.raises(PlanForbids, match="upgrade the plan"):
        check_export(PLAN)


@pytest.mark.parametrize("wrong", [{"records_per_month": -1}, {"upload_mb": 10**10}, {"may_export": None}, {"more": 1}])
def test_a_plan_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate({**PLAN.model_dump(), **wrong})


def test_a_task_ends_with_an_image_or_an_error() -> None:
    for nothing in (None, ""):
        with pytest.raises(ValueError, match="an image or an error"):
            Completion(generated_key=nothing, error_message=nothing)


def test_the_success_rate_is_that_of_finished_records() -> None:
    none = Statistics(Period.ALL, date(1970, 1, 1), total_tasks=3)
    assert none.success_rate == 0
    assert Statistics(Period.ALL, date(1970, 1, 1), 9, successful_tasks=3, failed_tasks=1).success_rate == 0.75


def test_a_search_has_so_many_words_and_no_more() -> None:
    assert TaskFilter(q="  a  红 猫\t").words == ["a", "红", "猫"]
    assert TaskFilter(q="w " * 50).words == ["w"] * 10
    assert TaskFilter().words == TaskFilter(q=" ").words == []
