"""The ledger of model calls: one row per call, opened before the call and closed with its outcome."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Interval, case, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import aliased

from adapters.db.engine import outages
from adapters.db.models import GenerationParameterRow, GenerationResultRow, GenerationTaskRow
from adapters.db.order_history import OrderHistory
from adapters.db.projection import Row
from adapters.db.quarantine import write_or_quarantine
from adapters.db.writing import add
from domain.attempts.ledger import CallFailure, CallRecord, MadeBy
from domain.vocabulary import ids
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall, StoredPicture

CALL = GenerationTaskRow
# A closed call is not changed, except that a call of a worker presumed dead may still report its real outcome.
UNDECIDED = ("processing", "interrupted")
INTERRUPTED = "the worker stopped before an answer was kept; the call may be billed all the same"
MADE: Row = {
    "status": "completed",
    "outcome": Outcome.MADE,
    "completed_at": func.now(),
    "error_message": None,
    "possibly_billed": False,
}
NEWS = 0x6E657773  # arbitrary id of an advisory lock
# A call with unknown cost may have cost the expected amount, unless it is known to have failed for free.
DOUBTFUL = CALL.booked_cost.is_(None) & (CALL.possibly_billed | (CALL.status != "failed"))


class PostgresLedger:
    """The Ledger port: each method is one idempotent transaction. Raises OutsideUnavailable.

    A row rejected after a call was made is quarantined. If a call cannot be opened (ValueRefused), it must not be made.
    The task history of the order's owner follows in the same transaction.
    """

    def __init__(self, engine: AsyncEngine, history: OrderHistory | None = None) -> None:
        self._engine = engine
        self._history = history or OrderHistory()

    async def open_call(self, record: CallRecord) -> None:
        """Record that a model is about to be called."""
        others = (
            (CALL.image_task_id == record.task_id)
            & (CALL.attempt == record.attempt)
            & (CALL.kind == record.kind)
            & (CALL.input_image_id == record.input_key)
            & (CALL.task_id != record.call_id)
            & (CALL.status == "processing")
        )
        interrupted = {
            "status": "interrupted",
            "outcome": Outcome.INTERRUPTED,
            "possibly_billed": True,
            "error_message": INTERRUPTED,
            "completed_at": func.now(),
        }
        async with self._transaction() as connection:
            left_open = await connection.execute(update(CALL).where(others).values(interrupted).returning(CALL.task_id))
            await add(connection, CALL, [_call_row(record)])
            await add(connection, GenerationParameterRow, _parameter_rows(record.call_id, record.parameters))
            if record.kind == "image":
                await self._follow(connection, record.call_id, *left_open.scalars())

    async def recover_call(self, task_id: str, attempt: int) -> MadeBy:
        """Return the call that made an attempt's stored picture, closing it if a crash left it open.

        Its cost was lost in the crash, so it stays null. Raises KeyError for an attempt without a call.
        """
        calls = (
            select(CALL.task_id, CALL.provider, CALL.model)
            .where(CALL.image_task_id == task_id, CALL.attempt == attempt, CALL.kind == "image")
            .order_by((CALL.status == "completed").desc(), CALL.id.desc())
            .limit(1)
        )
        async with self._transaction() as connection:
            call = (await connection.execute(calls)).one_or_none()
            if call is None:
                raise KeyError(f"{task_id}, attempt {attempt}")
            await self._end(connection, call.task_id, MADE)
        return MadeBy(call.task_id, call.provider, call.model)

    async def close_call(self, call_id: str, call: ModelCall, parameters: Mapping[str, str]) -> None:
        """Note how a call ended well, with its cost as far as it is known."""

        async def write(connection: AsyncConnection) -> None:
            await add(connection, GenerationParameterRow, _parameter_rows(call_id, parameters))
            await self._end(connection, call_id, MADE | _facts(call))

        await write_or_quarantine(self._engine, CALL, call_id, write, partial(self._end, call_id=call_id, ended=MADE))

    async def fail_call(self, call_id: str, failure: CallFailure) -> None:
        """Record the failure of a call, with its cost."""
        ended = {
            "status": "failed",
            "outcome": failure.outcome,
            "completed_at": func.now(),
            "error_message": failure.error,
            "possibly_billed": failure.possibly_billed,
        }
        whole = partial(self._end, call_id=call_id, ended=_facts(failure.call) | ended)
        await write_or_quarantine(self._engine, CALL, call_id, whole, partial(self._end, call_id=call_id, ended=ended))

    async def spent(self, task_id: str) -> Spent:
        """Return the known and the possible cost of a picture's calls so far."""
        sums = select(
            func.count(),
            func.coalesce(func.sum(CALL.booked_cost), 0),
            func.coalesce(func.sum(case((DOUBTFUL, CALL.expected_cost), else_=Decimal(0))), 0),
        ).where(CALL.image_task_id == task_id)
        async with self._transaction() as connection:
            calls, cost, possibly = (await connection.execute(sums)).one()
        return Spent(calls=calls, cost=cost, possibly=possibly)

    async def tries(self, task_id: str, attempt: int, outcomes: Collection[Outcome]) -> int:
        """Return the number of an attempt's calls with one of these outcomes."""
        of_attempt = (CALL.image_task_id == task_id) & (CALL.attempt == attempt) & (CALL.kind == "image")
        counted = select(func.count()).where(of_attempt, CALL.outcome.in_(outcomes))
        async with self._transaction() as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def claim_notification(self, call_id: str, within: timedelta) -> bool:
        """Claim the notice to staff about a call's outcome; False if one about this provider was sent within that time.

        A retry after a crash finds its own claim, and sends the notice.
        """
        this = aliased(CALL)
        same = (CALL.provider == this.provider) & (CALL.outcome == this.outcome) & CALL.is_told
        another = (CALL.image_task_id != this.image_task_id) | (CALL.attempt != this.attempt)
        recent = CALL.created_at > func.now() - literal(within, Interval)
        told = select(CALL.id).select_from(this).join(CALL, same & another & recent).where(this.task_id == call_id)
        claimed = update(CALL).where(CALL.task_id == call_id).values(is_told=True)
        async with self._transaction() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(NEWS)))  # of two concurrent claims one wins
            if (await connection.execute(told.limit(1))).first():
                return False
            await connection.execute(claimed)
            return True

    async def save_result(self, call_id: str, result: StoredPicture, model: str) -> None:
        """Record a file made by a call. Idempotent per file."""
        row = {
            "task_id": call_id,
            "generated_image_id": result.key,
            "model": model,
            "content_type": result.content_type,
            "file_size": result.file_size,
            "sha256": result.sha256,
        }

        async def write(connection: AsyncConnection) -> None:
            await add(connection, GenerationResultRow, [row])
            await self._follow(connection, call_id)

        await write_or_quarantine(self._engine, GenerationResultRow, f"{call_id} {result.key}", write)

    async def save_check(self, call_id: str, file_key: str, score: int, facts: Mapping[str, Any]) -> None:
        """Record the quality check of one result."""
        result = (GenerationResultRow.task_id == call_id) & (GenerationResultRow.generated_image_id == file_key)
        judged = update(GenerationResultRow).where(result).values(qa_score=score, qa_facts=dict(facts))
        await write_or_quarantine(
            self._engine, GenerationResultRow, f"{call_id} {file_key}", lambda connection: connection.execute(judged)
        )

    async def known_check(self, call_id: str, file_key: str) -> Mapping[str, Any] | None:
        """Return the facts of an earlier quality check of one result, or None."""
        result = (GenerationResultRow.task_id == call_id) & (GenerationResultRow.generated_image_id == file_key)
        async with self._transaction() as connection:
            return (await connection.execute(select(GenerationResultRow.qa_facts).where(result))).scalar_one_or_none()

    async def record_outcome(self, call_id: str, outcome: Outcome) -> None:
        """Record the outcome of a call after its pictures were checked."""
        async with self._transaction() as connection:
            await connection.execute(update(CALL).where(CALL.task_id == call_id).values(outcome=outcome))
            await self._follow(connection, call_id)

    async def _end(self, connection: AsyncConnection, call_id: str, ended: Row) -> None:
        is_open = (CALL.task_id == call_id) & CALL.status.in_(UNDECIDED)
        await connection.execute(update(CALL).where(is_open).values(ended))
        await self._follow(connection, call_id)

    async def _follow(self, connection: AsyncConnection, *calls: str) -> None:
        await self._history.follow_calls(connection, ids.order_of_call(calls[0]), list(calls))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.begin() as connection:
                yield connection


def _facts(call: ModelCall) -> Row:
    return {
        "provider": call.provider,
        "model": call.model,
        "api_response": call.model_dump(mode="json"),
        "tokens": {"input": call.input_tokens, "output": call.output_tokens},
        "cost": call.cost,
        "cost_currency": call.currency,
        "booked_cost": call.booked_cost,
        "latency_ms": call.latency_ms,
        "provider_request_id": call.request_id,
        "finish_reason": call.finish_reason,
    }


def _call_row(record: CallRecord) -> Row:
    return {
        "task_id": record.call_id,
        "image_task_id": record.task_id,
        "order_id": ids.order_of_task(record.task_id),
        "attempt": record.attempt,
        "kind": record.kind,
        "provider": record.provider,
        "model": record.model,
        "prompt": record.prompt,
        "input_image_id": record.input_key,
        "size": record.size,
        "status": "processing",
        "expected_cost": record.expected_cost,
    }


def _parameter_rows(call_id: str, parameters: Mapping[str, str]) -> list[Row]:
    return [
        {"task_id": call_id, "parameter_name": name, "parameter_value": value}
        for name, value in sorted(parameters.items())
    ]
