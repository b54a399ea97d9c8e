"""Plans: how many records, credits and bytes a user may use, and what they are told beyond that."""

from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from domain.texts.phrase import said
from domain.vocabulary.errors import PlanForbids, QuotaSpent

MEGABYTE = 1_000_000
MOST = 10**9


class Plan(BaseModel):
    """What a plan includes, per month of the shop's time zone where it says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    records_per_month: int = Field(ge=0, le=MOST)
    upload_mb: int = Field(ge=0, le=MOST)
    storage_mb: int = Field(ge=0, le=MOST)
    credits_per_month: int = Field(ge=0, le=MOST)
    may_export: bool


@dataclass(frozen=True)
class Usage:
    """What a user has used: records, tokens and credits of the month, and storage in bytes.

    `credits` are those spent this month; `credits_left` is the balance, with this month's grant.
    """

    records: int
    records_quota: int
    tokens: int
    credits: int
    credits_left: int
    storage_bytes: int
    storage_quota: int
    month: date


def check_new(plan: Plan, usage: Usage, price: int) -> None:
    """Check that a user may create a record at this price. Raises QuotaSpent."""
    if usage.records >= plan.records_per_month:
        raise QuotaSpent(
            f"all {plan.records_per_month} records of this month are used: wait for next month, or upgrade the plan",
            why=said("quota.records", quota=plan.records_per_month),
        )
    if price > usage.credits_left:
        raise QuotaSpent(
            f"this costs {price} credits, {usage.credits_left} are left: wait for next month, or upgrade the plan",
            why=said("quota.credits", price=price, left=usage.credits_left),
        )


def check_upload(plan: Plan, usage: Usage, size: int, replaced: int = 0) -> None:
    """Check that a user may store `size` bytes in place of `replaced`. Raises PlanForbids, QuotaSpent."""
    if size > plan.upload_mb * MEGABYTE:
        raise PlanForbids(
            f"the plan allows files of up to {plan.upload_mb} MB: send a smaller one, or upgrade the plan",
            why=said("quota.upload", most=plan.upload_mb),
        )
    if usage.storage_bytes - replaced + size > plan.storage_mb * MEGABYTE:
        raise QuotaSpent(
            f"the plan's {plan.storage_mb} MB of storage are full: delete records, or upgrade the plan",
            why=said("quota.storage", most=plan.storage_mb),
        )


def check_export(plan: Plan) -> None:
    """Check that a user may export their records. Raises PlanForbids."""
    if not plan.may_export:
        raise PlanForbids("the plan does not include exports: upgrade the plan", why=said("quota.export"))
