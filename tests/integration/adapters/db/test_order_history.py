"""The task history of orders with an owner: written with the ledger, once, and never ahead of what was paid."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import create_engine
from adapters.db.ledger import PostgresLedger
from adapters.db.order_history import OrderHistory, catch_up
from adapters.db.records import PostgresRecords
from domain.attempts.ledger import CallFailure, CallRecord
from domain.order.order import Order
from domain.vocabulary.money import Refund
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall, StoredPicture
from domain.vocabulary.status import Status
from tests.conftest import Servers
from tests.integration.adapters.db.orders import NOW, TASK_ID, call, finished_order, new_order, stored

OWNER = "0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a"
FILE = f"task-history/{OWNER}/{TASK_ID}/attempt-3-generated.png"
PREVIEW = f"task-history/{OWNER}/{TASK_ID}/attempt-3-preview.jpg"
ANSWER = ModelCall(
    provider="gemini", model="gemini-3.1-flash-image", pictures=1, latency_ms=2400,
    input_tokens={"text": 10, "image": 1290}, output_tokens={"image": 1290},
)  # fmt: skip

Query = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
async def administrator(postgres_url: str, schema: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(postgres_url, schema)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(servers: Servers, schema: str) -> AsyncIterator[AsyncEngine]:
    """The worker's own login, whom the policies bind."""
    engine = create_engine(servers.database_url_of("darkroom_worker"), schema)
    yield engine
    await engine.dispose()


@pytest.fixture
def history() -> OrderHistory:
    return OrderHistory(price=3)


@pytest.fixture
def records(engine: AsyncEngine, history: OrderHistory) -> PostgresRecords:
    return PostgresRecords(engine, history)


@pytest.fixture
def ledger(engine: AsyncEngine, history: OrderHistory) -> PostgresLedger:
    return PostgresLedger(engine, history)


@pytest.fixture
def query(administrator: AsyncEngine) -> Query:
    async def run(sql: str = "SELECT * FROM user_task_history ORDER BY call_id", **values: Any) -> list[dict[str, Any]]:
        async with administrator.begin() as connection:
            result = await connection.execute(text(sql), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    return run


def owned(order: Order, owner: str | None = OWNER) -> Order:
    order.owner = owner
    return order


def third(number: int = 1) -> CallRecord:
    """A call of the attempt whose result is shown in the end."""
    return call(number, attempt=3)


def shown(status: Status) -> Order:
    """The order with a status, once the result of the third attempt is out."""
    order = owned(finished_order())
    picture = order.pictures[0]
    assert picture.attempts[-1].result
    picture.attempts[-1].result.file = stored(FILE)
    picture.status = status
    return order


async def made(ledger: PostgresLedger, record: CallRecord, file: StoredPicture | None = None) -> None:
    await ledger.open_call(record)
    await ledger.close_call(record.call_id, ANSWER, {})
    await ledger.save_result(record.call_id, file or stored(FILE), record.model)


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


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.COMPLETED])
async def test_only_the_preview_is_seen_until_the_picture_was_delivered(
    records: PostgresRecords, ledger: PostgresLedger, query: Query, status: Status
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await records.save(shown(status))
    assert [row["aws_generated_key"] for row in await query()] == [PREVIEW]


async def test_the_delivered_file_is_seen_and_no_other_one(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, call(1, attempt=2), stored(FILE.replace("attempt-3", "attempt-2")))
    await made(ledger, third())
    await records.save(shown(Status.COMPLETED))
    assert [row["aws_generated_key"] for row in await query()] == [
        PREVIEW.replace("attempt-3", "attempt-2"),
        FILE,
    ]


async def test_what_was_delivered_stays_while_it_is_reworked_and_goes_with_the_money(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    order = shown(Status.COMPLETED)
    await records.save(order)
    order.pictures[0].status, order.version = Status.REVISION, order.version + 1
    await records.save(order)
    assert [row["aws_generated_key"] for row in await query()] == [FILE]
    order.refunds = [Refund(refund_id="r-1", amount=Decimal("15.5"), currency="CNY", at=NOW)]
    order.version += 1
    await records.save(order)
    assert [row["aws_generated_key"] for row in await query()] == [PREVIEW]


async def test_a_record_is_written_once_however_often_everything_is_repeated(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    for _ in range(3):
        await records.save(owned(new_order()))
        await made(ledger, third())
    assert len(await query()) == 1
    assert len(await query("SELECT 1 FROM credit_ledger")) == 1
    (sums,) = await query("SELECT * FROM user_task_statistics WHERE period_type = 'all'")
    assert (sums["total_tasks"], sums["successful_tasks"], sums["total_tokens_used"]) == (1, 1, 2590)


async def test_repeats_do_not_touch_the_row(records: PostgresRecords, ledger: PostgresLedger, query: Query) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    before = await query()
    await made(ledger, third())
    await records.save(owned(new_order()))
    assert await query() == before


async def test_two_writers_at_once_leave_the_newest_state(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    calls = [call(1, attempt=number) for number in range(1, 9)]
    delivered = shown(Status.COMPLETED)
    await asyncio.gather(*(made(ledger, one) for one in calls), records.save(delivered))
    await records.save(delivered)
    found = await query()
    assert [row["status"] for row in found] == ["completed"] * 8
    (sums,) = await query("SELECT * FROM user_task_statistics WHERE period_type = 'all'")
    assert sums["successful_tasks"] == 8


@pytest.mark.parametrize("owner", [None, "", "tb_001", f"{{{OWNER}}}", OWNER.replace("-", ""), f"urn:uuid:{OWNER}"])
async def test_an_order_without_a_user_has_no_task_history(
    records: PostgresRecords, ledger: PostgresLedger, query: Query, owner: str | None
) -> None:
    await records.save(owned(new_order(), owner))
    await made(ledger, third())
    assert await query() == []


async def test_an_order_that_is_known_to_have_no_owner_costs_no_query(
    records: PostgresRecords, ledger: PostgresLedger, engine: AsyncEngine
) -> None:
    asked: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    await records.save(new_order())
    await ledger.open_call(third())
    assert len([one for one in asked if "FOR NO KEY UPDATE" in one]) == 1
    await made(ledger, third())
    await ledger.record_outcome(third().call_id, Outcome.PASSED)
    assert len([one for one in asked if "FOR NO KEY UPDATE" in one]) == 1


async def test_looks_at_a_picture_are_no_records(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await ledger.open_call(CallRecord(**{**vars(third()), "kind": "score"}))
    assert await query() == []


async def test_a_call_before_the_orders_first_row_is_recorded_with_that_row(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await made(ledger, third())
    assert await query() == []
    await records.save(owned(new_order()))
    assert [row["status"] for row in await query()] == ["completed"]


async def test_a_record_that_its_user_deleted_does_not_come_back(
    records: PostgresRecords, ledger: PostgresLedger, query: Query, engine: AsyncEngine, history: OrderHistory
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await query("DELETE FROM user_task_history")
    await records.save(shown(Status.COMPLETED))
    await ledger.record_outcome(third().call_id, Outcome.PASSED)
    assert (await catch_up(engine, history)).records.created == 0
    assert await query() == []


async def test_a_mark_of_the_user_survives_later_news(
    records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(owned(new_order()))
    await made(ledger, third())
    await query("UPDATE user_task_history SET favourite = true, rating = 5, rating_comment = '好'")
    await records.save(shown(Status.COMPLETED))
    (row,) = await query()
    assert (row["favourite"], row["rating"], row["rating_comment"], row["aws_generated_key"]) == (True, 5, "好", FILE)


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


class TestCatchingUp:
    async def test_orders_that_are_there_already_get_their_records_once_and_free_of_charge(
        self, engine: AsyncEngine, query: Query
    ) -> None:
        await _before_the_history(engine, query, OWNER)
        first = await catch_up(engine, OrderHistory())
        assert (first.orders, first.records.created, first.records.changed, first.strangers) == (1, 2, 0, 0)
        again = await catch_up(engine, OrderHistory())
        assert (again.orders, again.records.created, again.records.changed) == (1, 0, 0)
        rows = await query()
        assert [(row["status"], row["credits_deducted"]) for row in rows] == [("failed", 0), ("completed", 0)]
        assert rows[1]["aws_generated_key"] == FILE
        assert rows[1]["created_at"] < rows[1]["completed_at"] + timedelta(seconds=1)

    async def test_a_record_that_fell_behind_is_updated(self, engine: AsyncEngine, query: Query) -> None:
        await _before_the_history(engine, query, OWNER)
        await catch_up(engine, OrderHistory())
        await query("UPDATE user_task_history SET tokens_used = 1, status = 'pending', completed_at = NULL")
        assert (await catch_up(engine, OrderHistory())).records.changed == 2

    async def test_orders_of_nobody_who_can_sign_in_are_counted_and_left_out(
        self, engine: AsyncEngine, query: Query
    ) -> None:
        await _before_the_history(engine, query, "tb_001")
        done = await catch_up(engine, OrderHistory())
        assert (done.orders, done.strangers, await query()) == (0, 1, [])


async def _before_the_history(engine: AsyncEngine, query: Query, owner: str) -> None:
    """Rows as they were before there was a task history."""
    ledger = PostgresLedger(engine)
    await ledger.open_call(third(1))
    await made(ledger, third(2))
    order = shown(Status.COMPLETED)
    order.owner = None
    await PostgresRecords(engine).save(order)
    await query("UPDATE orders SET owner = :owner", owner=owner)
