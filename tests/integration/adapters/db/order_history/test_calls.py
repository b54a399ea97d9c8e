"""Each call to a model for an order with an owner becomes a record, with its end."""

import pytest

from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from domain.attempts.ledger import CallFailure, CallRecord
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from tests.integration.adapters.db.order_history.making import (
    ANSWER,
    FILE,
    OWNER,
    PREVIEW,
    Query,
    made,
    owned,
    shown,
    third,
)
from tests.integration.adapters.db.orders import TASK_ID, new_order, stored


async def test_an_open_call_is_a_pending_record_and_a_closed_one_is_completed(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await ledger.open_call(third())
    (row,) = await query()
    assert (str(row["user_id"]), row["status"], row["completed_at"], row["aws_generated_key"]) == (
        OWNER, "pending", None, None,
    )  # fmt: skip
    await ledger.close_call(third().call_id, ANSWER, {})
    await ledger.save_result(third().call_id, stored(FILE), third().model)
    (row,) = await query()
    assert {name: row[name] for name in (
        "status", "task_type", "prompt", "model_version", "tokens_used", "generation_time_ms", "credits_deducted",
        "aws_original_key", "aws_generated_key", "order_id", "image_task_id", "call_id", "error_message",
    )} == {
        "status": "completed", "task_type": "image_edit", "prompt": "变清晰", "model_version": "gemini-3.1-flash-image",
        "tokens_used": 2590, "generation_time_ms": 2400, "credits_deducted": 3, "aws_original_key": "original.jpg",
        "aws_generated_key": PREVIEW, "order_id": "ORDER_20261122_7K3F9Q", "image_task_id": TASK_ID,
        "call_id": third().call_id, "error_message": None,
    }  # fmt: skip
    assert row["completed_at"] >= row["created_at"]


async def test_the_ratio_that_was_asked_for_is_kept(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    record = third()
    await ledger.open_call(CallRecord(**{**vars(record), "parameters": {"aspect_ratio": "3:4"}}))
    assert [row["aspect_ratio"] for row in await query()] == ["3:4"]


async def test_a_failed_call_is_a_failed_record_whose_credits_come_back(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await ledger.open_call(third())
    failure = CallFailure(Outcome.BUSY, "503 from https://secret.example", ANSWER, possibly_billed=False)
    await ledger.fail_call(third().call_id, failure)
    (row,) = await query()
    assert (row["status"], row["error_message"], row["credits_deducted"]) == ("failed", "模型太忙", 0)
    entries = await query("SELECT what, amount FROM credit_ledger ORDER BY amount")
    assert [(one["what"], one["amount"]) for one in entries] == [("order", -3), ("refund", 3)]


async def test_a_call_of_a_killed_worker_is_failed_until_it_reports_after_all(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await ledger.open_call(third(1))
    await ledger.open_call(third(2))
    assert [(row["status"], row["error_message"]) for row in await query()] == [
        ("failed", "中断了,会重新开始"), ("pending", None),
    ]  # fmt: skip
    await ledger.close_call(third(1).call_id, ANSWER, {})
    assert [row["status"] for row in await query()] == ["completed", "pending"]


async def test_a_picture_stored_before_a_crash_completes_the_record(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await ledger.open_call(third())
    await ledger.recover_call(TASK_ID, 3)
    assert [row["status"] for row in await query()] == ["completed"]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.PASSED, "completed"), (Outcome.POOR, "completed"), (Outcome.UNCHANGED, "failed"),
     (Outcome.WRONG_FILE, "failed"), (Outcome.BROKEN_PICTURE, "failed")],
)  # fmt: skip
async def test_a_result_that_the_check_found_unusable_is_a_failed_record_without_a_picture(
    records: PostgresRecords, ledger: PostgresLedger, query: Query, outcome: Outcome, status: str
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await ledger.record_outcome(third().call_id, outcome)
    (row,) = await query()
    assert (row["status"], row["aws_generated_key"] is None) == (status, status == "failed")


async def test_an_unusable_result_that_is_shown_as_the_best_one_is_a_completed_record(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await ledger.record_outcome(third().call_id, Outcome.UNCHANGED)
    await records.save(shown(Status.AWAITING_CONFIRM))
    (row,) = await query()
    assert (row["status"], row["aws_generated_key"], row["error_message"]) == ("completed", PREVIEW, None)


async def test_extreme_values_of_a_provider_fit(records: PostgresRecords, ledger: PostgresLedger, query: Query) -> None:
    await records.save(owned(new_order()))
    record = CallRecord(**{**vars(third()), "prompt": "长" * 30_000, "model": "m" * 500})
    await ledger.open_call(record)
    huge = ANSWER.model_copy(update={"input_tokens": {"text": 2**40}, "latency_ms": 2**31 - 1})
    await ledger.close_call(record.call_id, huge, {"aspect_ratio": "9" * 500})
    (row,) = await query()
    assert (len(row["prompt"]), row["tokens_used"]) == (20_000, 2**31 - 1)


async def test_a_record_that_postgres_refuses_is_set_aside_and_the_call_is_kept(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await query("ALTER TABLE user_task_history ADD CONSTRAINT never CHECK (false) NOT VALID")
    await made(ledger, third())
    assert [row["status"] for row in await query("SELECT status FROM image_generation_task")] == ["completed"]
    aside = await query("SELECT table_name FROM quarantined_rows")
    assert [row["table_name"] for row in aside] == ["user_task_history"]
