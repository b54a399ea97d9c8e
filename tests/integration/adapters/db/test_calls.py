"""The books of the calls to image models, over crashes and repeats."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import POOL_SIZE
from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from domain.attempts.ledger import CallFailure, MadeBy
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.counting import counted
from tests.integration.adapters.db.orders import ORDER_ID, TASK_ID, call, finished_order, look, new_order, stored

ANSWERED = ModelCall(
    provider="gemini", model="gemini-3.1-flash-image", input_tokens={"text": 12, "image": 1120},
    output_tokens={"image": 1680}, cost=Decimal("0.1008"), booked_cost=Decimal("0.72"),
    latency_ms=2310, request_id="req-1", finish_reason="STOP",
)  # fmt: skip
REFUSED = CallFailure(
    Outcome.REFUSED,
    "safety\0",
    ModelCall(provider="gemini", model="gemini-3.1-flash-image", finish_reason="IMAGE_SAFETY"),
    possibly_billed=True,
)
NOT_SET_UP = CallFailure(Outcome.NOT_SET_UP, "401", REFUSED.call, possibly_billed=False)
BUSY = CallFailure(Outcome.BUSY, "429", REFUSED.call, possibly_billed=False)
STATUSES = "SELECT task_id, status, possibly_billed FROM image_generation_task ORDER BY task_id"


async def test_an_open_call_is_processing(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call())
    (row,) = await query("SELECT * FROM image_generation_task WHERE status = 'processing'")
    assert (row["task_id"], row["image_task_id"], row["attempt"]) == (call().call_id, TASK_ID, 1)
    assert (row["input_image_id"], row["size"], row["watermark"]) == ("original.jpg", "2048x1536", False)
    assert await query("SELECT parameter_name, parameter_value FROM generation_parameter") == [
        {"parameter_name": "aspect_ratio", "parameter_value": "4:3"}
    ]


async def test_a_call_that_ended_well_keeps_what_it_cost(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call())
    await ledger.close_call(call().call_id, ANSWERED, {"aspect_ratio": "16:9", "image_size": "2K"})
    (row,) = await query("SELECT *, (tokens->'output'->>'image')::int AS image_tokens FROM image_generation_task")
    assert (row["status"], row["image_tokens"], row["cost"], row["cost_currency"]) == (
        "completed", 1680, Decimal("0.1008"), "USD",
    )  # fmt: skip
    assert (row["latency_ms"], row["provider_request_id"], row["finish_reason"]) == (2310, "req-1", "STOP")
    assert (row["api_response"]["request_id"], row["possibly_billed"]) == ("req-1", False)
    assert row["completed_at"] >= row["created_at"]
    rows = await query("SELECT parameter_name, parameter_value FROM generation_parameter ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("aspect_ratio", "4:3"), ("image_size", "2K")]


async def test_a_call_that_ended_badly_says_why(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call())
    await ledger.fail_call(call().call_id, REFUSED)
    (row,) = await query("SELECT * FROM image_generation_task")
    assert (row["status"], row["outcome"], row["error_message"]) == ("failed", "refused", "safety")
    assert (row["finish_reason"], row["possibly_billed"]) == ("IMAGE_SAFETY", True)


async def test_a_call_left_open_by_a_killed_worker_becomes_possibly_billed(
    ledger: PostgresLedger, query: Query
) -> None:
    await ledger.open_call(call(1))
    await ledger.open_call(call(1, attempt=2))
    await ledger.open_call(call(2))
    assert [tuple(row.values()) for row in await query(STATUSES)] == [
        (call(1).call_id, "interrupted", True),
        (call(2).call_id, "processing", False),
        (call(1, attempt=2).call_id, "processing", False),
    ]


async def test_the_same_call_opened_again_changes_nothing(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call())
    await ledger.open_call(call())
    await ledger.close_call(call().call_id, ANSWERED, {})
    await ledger.open_call(call())
    assert [tuple(row.values()) for row in await query(STATUSES)] == [(call().call_id, "completed", False)]


async def test_a_worker_taken_for_dead_may_still_say_how_its_call_went(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call(1))
    await ledger.open_call(call(2))
    await ledger.close_call(call(1).call_id, ANSWERED, {})
    rows = await query(STATUSES)
    assert [row["status"] for row in rows] == ["completed", "processing"]
    assert rows[0]["possibly_billed"] is False


async def test_how_a_call_ended_is_not_changed_afterwards(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call())
    await ledger.close_call(call().call_id, ANSWERED, {})
    before = await query("SELECT * FROM image_generation_task")
    await ledger.fail_call(call().call_id, REFUSED)
    await ledger.close_call(call().call_id, ANSWERED.model_copy(update={"latency_ms": 9}), {})
    assert await query("SELECT * FROM image_generation_task") == before


async def test_a_call_whose_picture_was_stored_before_the_crash_is_recovered(
    ledger: PostgresLedger, query: Query
) -> None:
    await ledger.open_call(call(1))
    await ledger.open_call(call(2))
    made_by = await ledger.recover_call(TASK_ID, 1)
    assert made_by == MadeBy(call(2).call_id, "gemini", "gemini-3.1-flash-image")
    assert [row["status"] for row in await query(STATUSES)] == ["interrupted", "completed"]
    assert await ledger.recover_call(TASK_ID, 1) == made_by


async def test_recovering_prefers_the_call_that_is_known_to_have_answered(ledger: PostgresLedger) -> None:
    await ledger.open_call(call(1))
    await ledger.open_call(call(2))
    await ledger.close_call(call(1).call_id, ANSWERED, {})
    assert (await ledger.recover_call(TASK_ID, 1)).call_id == call(1).call_id


async def test_recovering_passes_over_a_call_that_has_failed(ledger: PostgresLedger, query: Query) -> None:
    """The one before was presumed dead, and has stored its picture meanwhile."""
    await ledger.open_call(call(1))
    await ledger.open_call(call(2))
    await ledger.fail_call(call(2).call_id, REFUSED)
    assert (await ledger.recover_call(TASK_ID, 1)).call_id == call(1).call_id
    assert [row["status"] for row in await query(STATUSES)] == ["completed", "failed"]


async def test_an_attempt_without_a_call_cannot_be_recovered(ledger: PostgresLedger) -> None:
    with pytest.raises(KeyError, match="attempt 4"):
        await ledger.recover_call(TASK_ID, 4)


async def test_a_result_is_noted_once_for_a_call(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call())
    await ledger.save_result(call().call_id, stored("attempt-1.png"), "gemini-3.1-flash-image")
    await ledger.save_result(call().call_id, stored("attempt-1.png"), "other")
    (row,) = await query("SELECT * FROM generation_result")
    assert (row["generated_image_id"], row["model"], row["file_size"]) == (
        "attempt-1.png", "gemini-3.1-flash-image", 1234,
    )  # fmt: skip
    assert (row["sha256"], row["qa_score"]) == ("ab" * 32, None)


async def test_a_check_is_kept_with_the_result_even_where_it_measured_infinity(
    ledger: PostgresLedger, query: Query
) -> None:
    await ledger.open_call(call())
    await ledger.save_result(call().call_id, stored("attempt-1.png"), "local")
    assert await ledger.known_check(call().call_id, "attempt-1.png") is None
    await ledger.save_check(call().call_id, "attempt-1.png", 88, {"psnr": float("inf"), "sharper": True, "ratio": 1.5})
    assert await query("SELECT qa_score, qa_facts FROM generation_result") == [
        {"qa_score": 88, "qa_facts": {"psnr": None, "sharper": True, "ratio": 1.5}}
    ]
    assert await ledger.known_check(call().call_id, "attempt-1.png") == {"psnr": None, "sharper": True, "ratio": 1.5}
    assert await ledger.known_check(call().call_id, "attempt-2.png") is None


async def test_a_call_may_have_several_results_each_with_its_score(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(call())
    for key, score in (("attempt-1.png", 60), ("attempt-1-2.png", 90)):
        await ledger.save_result(call().call_id, stored(key), "doubao-seedream-4-0-250828")
        await ledger.save_check(call().call_id, key, score, {})
    rows = await query("SELECT generated_image_id, qa_score FROM generation_result ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("attempt-1.png", 60), ("attempt-1-2.png", 90)]


async def test_looks_stand_beside_pictures_and_need_no_row_of_the_order(ledger: PostgresLedger, query: Query) -> None:
    await ledger.open_call(look())
    await ledger.open_call(call())
    rows = await query("SELECT kind, status, order_id FROM image_generation_task ORDER BY kind")
    assert [tuple(row.values()) for row in rows] == [
        ("analysis", "processing", ORDER_ID),
        ("image", "processing", ORDER_ID),
    ]


async def test_what_a_call_came_to_is_told_once_its_pictures_were_looked_at(
    ledger: PostgresLedger, query: Query
) -> None:
    await ledger.open_call(call())
    await ledger.close_call(call().call_id, ANSWERED, {})
    await ledger.record_outcome(call().call_id, Outcome.POOR)
    assert await query("SELECT status, outcome FROM image_generation_task") == [
        {"status": "completed", "outcome": "poor"}
    ]


async def test_staff_are_told_once_an_hour_of_a_provider_and_again_after_a_crash(
    ledger: PostgresLedger, query: Query
) -> None:
    hour, failures = timedelta(hours=1), {1: NOT_SET_UP, 2: REFUSED, 3: NOT_SET_UP}
    for attempt, failure in failures.items():
        await ledger.open_call(call(attempt=attempt))
        await ledger.fail_call(call(attempt=attempt).call_id, failure)
    assert [await ledger.claim_notification(call(attempt=attempt).call_id, hour) for attempt in failures] == [
        True,
        True,
        False,
    ]
    assert await ledger.claim_notification(call(attempt=1).call_id, hour), "the answer was lost"
    old = "UPDATE image_generation_task SET created_at = created_at - interval '61 min' WHERE task_id = :id"
    await query(old, id=call(attempt=1).call_id)
    assert await ledger.claim_notification(call(attempt=3).call_id, hour)


async def test_two_that_ask_at_once_are_not_both_told_to_tell(ledger: PostgresLedger) -> None:
    calls = [call(attempt=attempt) for attempt in range(1, 7)]
    for one in calls:
        await ledger.open_call(one)
        await ledger.fail_call(one.call_id, NOT_SET_UP)
    claims = [ledger.claim_notification(one.call_id, timedelta(hours=1)) for one in calls]
    assert sum(await asyncio.gather(*claims)) == 1


async def test_the_tries_of_an_attempt_are_counted_by_what_they_came_to(ledger: PostgresLedger) -> None:
    for number, failure in enumerate((NOT_SET_UP, BUSY, REFUSED, BUSY), 1):
        await ledger.open_call(call(number))
        await ledger.fail_call(call(number).call_id, failure)
    await ledger.open_call(call(1, attempt=2))
    await ledger.fail_call(call(1, attempt=2).call_id, BUSY)
    assert await ledger.tries(TASK_ID, 1, {Outcome.BUSY, Outcome.BROKEN}) == 2


async def test_what_was_spent_is_known_and_what_may_be_billed_besides(ledger: PostgresLedger) -> None:
    assert await ledger.spent(TASK_ID) == Spent()
    await ledger.open_call(call(1))
    await ledger.close_call(call(1).call_id, ANSWERED, {})
    assert await ledger.spent(TASK_ID) == Spent(calls=1, cost=Decimal("0.72"))
    await ledger.open_call(call(1, attempt=2))
    await ledger.fail_call(call(1, attempt=2).call_id, REFUSED)  # perhaps billed
    await ledger.open_call(call(2, attempt=2))  # still open
    free = CallFailure(Outcome.BUSY, "429", ANSWERED.model_copy(update={"booked_cost": None}), possibly_billed=False)
    await ledger.open_call(call(1, attempt=3))
    await ledger.fail_call(call(1, attempt=3).call_id, free)
    assert await ledger.spent(TASK_ID) == Spent(calls=4, cost=Decimal("0.72"), possibly=Decimal("1.46"))


async def test_a_recovered_call_counts_as_it_was_expected(ledger: PostgresLedger) -> None:
    await ledger.open_call(call())
    await ledger.recover_call(TASK_ID, 1)
    assert (await ledger.spent(TASK_ID)).possibly == Decimal("0.73")


async def test_a_view_tells_what_is_left_of_an_order(
    ledger: PostgresLedger, records: PostgresRecords, query: Query
) -> None:
    await records.save(finished_order())
    await ledger.open_call(call(1))
    await ledger.close_call(call(1).call_id, ANSWERED, {})
    await ledger.open_call(look())
    await ledger.fail_call(look().call_id, REFUSED)
    (row,) = await query("SELECT * FROM order_costs")
    assert (row["order_id"], row["calls"], row["model_cost"], row["possibly_billed"]) == (
        ORDER_ID, 2, Decimal("0.72"), Decimal("0.01"),
    )  # fmt: skip
    assert (row["amount_paid"], row["margin"]) == (Decimal("15.5"), Decimal("14.78"))


async def test_an_order_without_a_call_has_its_whole_margin(records: PostgresRecords, query: Query) -> None:
    await records.save(new_order())
    (row,) = await query("SELECT calls, model_cost, margin FROM order_costs")
    assert tuple(row.values()) == (0, 0, 0)


async def test_each_entry_is_one_statement_for_an_order_without_owner(
    engine: AsyncEngine, records: PostgresRecords, ledger: PostgresLedger
) -> None:
    await records.save(new_order())
    await ledger.open_call(call(1))  # looks who owns the order
    with counted(engine) as statements:
        await ledger.open_call(look())
        await ledger.close_call(look().call_id, ANSWERED, {})
        await ledger.open_call(call(2))
        await ledger.close_call(call(2).call_id, ANSWERED, {"image_size": "2K"})
        await ledger.save_result(call(2).call_id, stored("1.png"), "gemini-3.1-flash-image")
        await ledger.save_check(call(2).call_id, "1.png", 90, {"sharpness": float("inf")})
        await ledger.record_outcome(call(2).call_id, Outcome.PASSED)
        await ledger.fail_call(call(1).call_id, REFUSED)
        await ledger.spent(TASK_ID)
        await ledger.tries(TASK_ID, 1, [Outcome.BUSY])
    assert len(statements) == 10


async def test_a_burst_opens_no_connection_again(engine: AsyncEngine, ledger: PostgresLedger) -> None:
    """Signing in costs more than all statements of an order."""
    opened: list[object] = []
    event.listen(engine.sync_engine, "connect", lambda connection, _record: opened.append(connection))
    for _ in range(3):
        await asyncio.gather(*(ledger.spent(TASK_ID) for _ in range(30)))
    assert len(opened) <= POOL_SIZE
