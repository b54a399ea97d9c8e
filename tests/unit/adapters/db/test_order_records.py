"""What a user's task history shows of a call: pure rules, for every state of call, picture and money."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.db import order_records
from adapters.db.models.calls import CALL_STATUSES
from domain.task_history.records import TaskStatus
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status

NOW = datetime(2026, 11, 30, tzinfo=UTC)
FILE = "task-history/u/TASK_20261122_7K3F9Q_1/attempt-1-generated.png"
PREVIEW = "task-history/u/TASK_20261122_7K3F9Q_1/attempt-1-preview.jpg"
CALL: dict[str, Any] = {
    "task_id": "TASK_20261122_7K3F9Q_1-A1.1", "order_id": "ORDER_20261122_7K3F9Q",
    "image_task_id": "TASK_20261122_7K3F9Q_1", "prompt": "变清晰", "model": "m", "input_image_id": "original.jpg",
    "status": "completed", "outcome": "made", "tokens": None, "latency_ms": None, "created_at": NOW,
    "completed_at": NOW + timedelta(seconds=9), "paid_at": NOW, "amount_paid": Decimal(20),
    "amount_refunded": Decimal(0), "picture_status": "awaiting_confirm", "result_image": FILE, "files": [FILE],
    "aspect_ratio": None, "visible_key": None,
}  # fmt: skip


def shown(**facts: Any) -> dict[str, Any]:
    return order_records.changing_facts(CALL | facts, "zh")


@pytest.mark.parametrize(
    ("status", "outcome", "is_result"), list(product(CALL_STATUSES, ["", *Outcome], [True, False]))
)
def test_every_call_makes_a_record_that_the_table_takes(status: str, outcome: str, is_result: bool) -> None:
    record = shown(status=status, outcome=outcome, result_image=FILE if is_result else None, completed_at=None)
    assert (record["status"] is TaskStatus.PENDING) == (record["completed_at"] is None) == (status == "processing")
    assert (record["status"] is TaskStatus.FAILED) == bool(record["error_message"])
    assert record["status"] is not TaskStatus.FAILED or record["aws_generated_key"] is None
    assert "[" not in (record["error_message"] or "")
    assert "{" not in (record["error_message"] or "")


@given(
    picture=st.sampled_from([None, *Status]),
    paid_at=st.sampled_from([None, NOW]),
    paid=st.decimals(0, 100, places=2),
    refunded=st.decimals(0, 100, places=2),
    result=st.sampled_from([None, FILE, "task-history/u/TASK_20261122_7K3F9Q_1/attempt-2-generated.png"]),
    outcome=st.sampled_from(["", *Outcome]),
)
def test_the_file_is_only_seen_if_it_is_the_delivered_one_and_paid_for(
    picture: str | None, paid_at: datetime | None, paid: Decimal, refunded: Decimal, result: str | None, outcome: str
) -> None:
    facts = {"picture_status": picture, "paid_at": paid_at, "amount_paid": paid, "amount_refunded": refunded}
    key = shown(**facts, result_image=result, outcome=outcome)["aws_generated_key"]
    assert key in {None, PREVIEW, FILE}
    if key == FILE:
        assert (picture, result) == (Status.COMPLETED, FILE)
        assert paid_at
        assert not refunded or refunded < paid


def test_the_result_that_was_shown_comes_before_the_one_with_the_best_score() -> None:
    best = FILE.replace("attempt-1", "attempt-1-2")
    assert shown(files=[best, FILE])["aws_generated_key"] == PREVIEW
    assert shown(files=[best, FILE], result_image=None)["aws_generated_key"] == PREVIEW.replace("-1-p", "-1-2-p")


@pytest.mark.parametrize(
    ("tokens", "total"),
    [(None, None), ({}, None), ({"input": {}, "output": {}}, None), ({"input": {"text": 3}, "output": None}, 3),
     ({"input": {"text": 3, "image": 4}, "output": {"image": 5}}, 12), ({"input": {"text": 2**60}}, 2**31 - 1)],
)  # fmt: skip
def test_tokens_are_added_up(tokens: Any, total: int | None) -> None:
    assert shown(tokens=tokens)["tokens_used"] == total


def test_a_record_of_a_failed_call_costs_nothing() -> None:
    user = UUID(int=1)
    assert order_records.record(CALL, user, 3, "zh")["credits_deducted"] == 3
    assert order_records.record(CALL | {"status": "failed"}, user, 3, "zh")["credits_deducted"] == 0


@pytest.mark.parametrize(
    ("owner", "is_user"),
    [("0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a", True), ("0B5C8F6E-2F0F-4A46-9D5F-0E6A4C1D2B3A", True), (None, False),
     ("", False), ("wang", False), ("0b5c8f6e2f0f4a469d5f0e6a4c1d2b3a", False), ("0b5c8f6e-2f0f-4a46-9d5f", False),
     (" 0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a", False), ("0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a\n", False)],
)  # fmt: skip
def test_only_a_uuid_is_a_user(owner: str | None, is_user: bool) -> None:
    assert (order_records.user_of(owner) is not None) == is_user
