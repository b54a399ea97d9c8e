"""The books of the calls to image models, over crashes and repeats."""

from decimal import Decimal

import pytest

from adapters.db.records import PostgresRecords
from domain.pictures import ModelCall
from domain.ports import MadeBy
from tests.integration.db.conftest import Query
from tests.integration.db.orders import TASK_ID, call, new_order, stored

ANSWERED = ModelCall(
    provider="gemini", model="gemini-3.1-flash-image", input_tokens={"text": 12, "image": 1120},
    output_tokens={"image": 1680}, cost=Decimal("0.1008"), latency_ms=2310, request_id="req-1", finish_reason="STOP",
)  # fmt: skip
STATUSES = "SELECT task_id, status, possibly_billed FROM image_generation_task ORDER BY task_id"


@pytest.fixture(autouse=True)
async def order(records: PostgresRecords) -> None:
    await records.save(new_order())


async def test_an_open_call_is_processing(records: PostgresRecords, query: Query) -> None:
    await records.open_call(call())
    (row,) = await query("SELECT * FROM image_generation_task WHERE status = 'processing'")
    assert (row["task_id"], row["image_task_id"], row["attempt"]) == (call().call_id, TASK_ID, 1)
    assert (row["input_image_id"], row["size"], row["watermark"]) == ("original.jpg", "2048x1536", False)
    assert await query("SELECT parameter_name, parameter_value FROM generation_parameter") == [
        {"parameter_name": "aspect_ratio", "parameter_value": "4:3"}
    ]


async def test_a_call_that_ended_well_keeps_what_it_cost(records: PostgresRecords, query: Query) -> None:
    await records.open_call(call())
    await records.close_call(call().call_id, ANSWERED, {"aspect_ratio": "16:9", "image_size": "2K"})
    (row,) = await query("SELECT *, (tokens->'output'->>'image')::int AS image_tokens FROM image_generation_task")
    assert (row["status"], row["image_tokens"], row["cost"], row["cost_currency"]) == (
        "completed", 1680, Decimal("0.1008"), "USD",
    )  # fmt: skip
    assert (row["latency_ms"], row["provider_request_id"], row["finish_reason"]) == (2310, "req-1", "STOP")
    assert (row["api_response"]["request_id"], row["possibly_billed"]) == ("req-1", False)
    assert row["completed_at"] >= row["created_at"]
    rows = await query("SELECT parameter_name, parameter_value FROM generation_parameter ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("aspect_ratio", "4:3"), ("image_size", "2K")]


async def test_a_call_that_ended_badly_says_why(records: PostgresRecords, query: Query) -> None:
    await records.open_call(call())
    await records.fail_call(call().call_id, "safety\0", "IMAGE_SAFETY", possibly_billed=True)
    (row,) = await query("SELECT status, error_message, finish_reason, possibly_billed FROM image_generation_task")
    assert tuple(row.values()) == ("failed", "safety", "IMAGE_SAFETY", True)


async def test_a_call_left_open_by_a_killed_worker_becomes_possibly_billed(
    records: PostgresRecords, query: Query
) -> None:
    await records.open_call(call(1))
    await records.open_call(call(1, attempt=2))
    await records.open_call(call(2))
    assert [tuple(row.values()) for row in await query(STATUSES)] == [
        (call(1).call_id, "interrupted", True),
        (call(2).call_id, "processing", False),
        (call(1, attempt=2).call_id, "processing", False),
    ]


async def test_the_same_call_opened_again_changes_nothing(records: PostgresRecords, query: Query) -> None:
    await records.open_call(call())
    await records.open_call(call())
    await records.close_call(call().call_id, ANSWERED, {})
    await records.open_call(call())
    assert [tuple(row.values()) for row in await query(STATUSES)] == [(call().call_id, "completed", False)]


async def test_a_worker_taken_for_dead_may_still_say_how_its_call_went(records: PostgresRecords, query: Query) -> None:
    await records.open_call(call(1))
    await records.open_call(call(2))
    await records.close_call(call(1).call_id, ANSWERED, {})
    rows = await query(STATUSES)
    assert [row["status"] for row in rows] == ["completed", "processing"]
    assert rows[0]["possibly_billed"] is False


async def test_how_a_call_ended_is_not_changed_afterwards(records: PostgresRecords, query: Query) -> None:
    await records.open_call(call())
    await records.close_call(call().call_id, ANSWERED, {})
    before = await query("SELECT * FROM image_generation_task")
    await records.fail_call(call().call_id, "late", None, possibly_billed=True)
    await records.close_call(call().call_id, ANSWERED.model_copy(update={"latency_ms": 9}), {})
    assert await query("SELECT * FROM image_generation_task") == before


async def test_a_call_whose_picture_was_stored_before_the_crash_is_recovered(
    records: PostgresRecords, query: Query
) -> None:
    await records.open_call(call(1))
    await records.open_call(call(2))
    made_by = await records.recover_call(TASK_ID, 1)
    assert made_by == MadeBy(call(2).call_id, "gemini", "gemini-3.1-flash-image")
    assert [row["status"] for row in await query(STATUSES)] == ["interrupted", "completed"]
    assert await records.recover_call(TASK_ID, 1) == made_by


async def test_recovering_prefers_the_call_that_is_known_to_have_answered(records: PostgresRecords) -> None:
    await records.open_call(call(1))
    await records.open_call(call(2))
    await records.close_call(call(1).call_id, ANSWERED, {})
    assert (await records.recover_call(TASK_ID, 1)).call_id == call(1).call_id


async def test_an_attempt_without_a_call_cannot_be_recovered(records: PostgresRecords) -> None:
    with pytest.raises(KeyError, match="attempt 4"):
        await records.recover_call(TASK_ID, 4)


async def test_a_result_is_noted_once_for_a_call(records: PostgresRecords, query: Query) -> None:
    await records.open_call(call())
    await records.save_result(call().call_id, stored("attempt-1.png"), "gemini-3.1-flash-image")
    await records.save_result(call().call_id, stored("other.png"), "other")
    (row,) = await query("SELECT * FROM generation_result")
    assert (row["generated_image_id"], row["model"], row["file_size"]) == (
        "attempt-1.png", "gemini-3.1-flash-image", 1234,
    )  # fmt: skip
    assert (row["sha256"], row["qa_score"]) == ("ab" * 32, None)


async def test_a_check_is_kept_with_the_result_even_where_it_measured_infinity(
    records: PostgresRecords, query: Query
) -> None:
    await records.open_call(call())
    await records.save_result(call().call_id, stored("attempt-1.png"), "local")
    await records.save_check(call().call_id, 88, {"psnr": float("inf"), "sharper": True, "ratio": 1.5})
    assert await query("SELECT qa_score, qa_facts FROM generation_result") == [
        {"qa_score": 88, "qa_facts": {"psnr": None, "sharper": True, "ratio": 1.5}}
    ]
