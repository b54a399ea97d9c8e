"""The ledger of model calls: one row per call, opened before the call and closed with its outcome."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db import ledger_statements as sql
from adapters.db.engine import outages, without_transactions
from adapters.db.models import Base, GenerationResultRow, GenerationTaskRow
from adapters.db.order_history import OrderHistory
from adapters.db.projection import Row as Values
from adapters.db.quarantine import Write, write_or_quarantine
from adapters.db.writing import add, as_json
from domain.attempts.ledger import CallFailure, CallRecord, MadeBy
from domain.vocabulary import ids
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall, StoredPicture

INTERRUPTED = "the worker stopped before an answer was kept; the call may be billed all the same"
MADE: Values = {"status": "completed", "outcome": Outcome.MADE, "error_message": None, "possibly_billed": False}
NEWS = 0x6E657773  # arbitrary id of an advisory lock


class PostgresLedger:
    """The Ledger port: each method is one idempotent transaction. Raises OutsideUnavailable.

    A row rejected after a call was made is quarantined. If a call cannot be opened (ValueRefused), it must not be made.
    The task history of the order's owner follows in the same transaction. Where nothing follows, a method is a single
    statement, which needs no BEGIN and COMMIT.
    """

    def __init__(self, engine: AsyncEngine, history: OrderHistory | None = None) -> None:
        self._engine = engine
        self._single = without_transactions(engine)
        self._history = history or OrderHistory()

    async def open_call(self, record: CallRecord) -> None:
        """Record that a model is about to be called."""
        async with _begun(self._engine_for(record.call_id)) as connection:
            left_open = await connection.execute(sql.OPEN, _opening(record))
            await self._follow(connection, record.call_id, *left_open.scalars())

    async def recover_call(self, task_id: str, attempt: int) -> MadeBy:
        """Return the call that made an attempt's stored picture, closing it if a crash left it open.

        Its cost was lost in the crash, so it stays null. Raises KeyError for an attempt without a call.
        """
        async with _begun(self._engine) as connection:
            found = await connection.execute(sql.MADE_BY, {"task": task_id, "attempt": attempt})
            call = found.one_or_none()
            if call is None:
                raise KeyError(f"{task_id}, attempt {attempt}")
            await self._end(connection, call.task_id, MADE)
        return MadeBy(call.task_id, call.provider, call.model)

    async def close_call(self, call_id: str, call: ModelCall, parameters: Mapping[str, str]) -> None:
        """Note how a call ended well, with its cost as far as it is known."""
        whole = partial(self._end, call_id=call_id, ended=MADE | _facts(call), parameters=parameters)
        await self._write(GenerationTaskRow, call_id, "", whole, partial(self._end, call_id=call_id, ended=MADE))

    async def fail_call(self, call_id: str, failure: CallFailure) -> None:
        """Record the failure of a call, with its cost."""
        ended = {
            "status": "failed",
            "outcome": failure.outcome,
            "error_message": failure.error,
            "possibly_billed": failure.possibly_billed,
        }
        whole = partial(self._end, call_id=call_id, ended=_facts(failure.call) | ended)
        await self._write(GenerationTaskRow, call_id, "", whole, partial(self._end, call_id=call_id, ended=ended))

    async def spent(self, task_id: str) -> Spent:
        """Return the known and the possible cost of a picture's calls so far."""
        calls, cost, possibly = await self._one(sql.SPENT, task=task_id)
        return Spent(calls=calls, cost=cost, possibly=possibly)

    async def tries(self, task_id: str, attempt: int, outcomes: Collection[Outcome]) -> int:
        """Return the number of an attempt's calls with one of these outcomes."""
        (count,) = await self._one(sql.TRIES, task=task_id, attempt=attempt, outcomes=list(outcomes))
        return int(count)

    async def claim_notification(self, call_id: str, within: timedelta) -> bool:
        """Claim the notice to staff about a call's outcome; False if one about this provider was sent within that time.

        A retry after a crash finds its own claim, and sends the notice.
        """
        async with _begun(self._engine) as connection:
            await connection.execute(sql.LOCK_NOTICES, {"number": NEWS})
            claimed = await connection.execute(sql.CLAIM_NOTICE, {"call": call_id, "within": within})
            return claimed.first() is not None

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

        await self._write(GenerationResultRow, call_id, result.key, write)

    async def save_check(self, call_id: str, file_key: str, score: int, facts: Mapping[str, Any]) -> None:
        """Record the quality check of one result."""
        judged = as_json({"qa_score": score, "qa_facts": dict(facts)})
        values = {"call": call_id, "file": file_key, "judged": judged}
        await write_or_quarantine(
            self._single,
            GenerationResultRow,
            f"{call_id} {file_key}",
            lambda connection: connection.execute(sql.JUDGE, values),
        )

    async def known_check(self, call_id: str, file_key: str) -> Mapping[str, Any] | None:
        """Return the facts of an earlier quality check of one result, or None."""
        async with _begun(self._single) as connection:
            found = await connection.execute(sql.KNOWN_CHECK, {"call": call_id, "file": file_key})
            return found.scalar_one_or_none()

    async def record_outcome(self, call_id: str, outcome: Outcome) -> None:
        """Record the outcome of a call after its pictures were checked."""
        async with _begun(self._engine_for(call_id)) as connection:
            await connection.execute(sql.SET_OUTCOME, {"call": call_id, "outcome": outcome})
            await self._follow(connection, call_id)

    async def _end(
        self, connection: AsyncConnection, call_id: str, ended: Values, parameters: Mapping[str, str] | None = None
    ) -> None:
        statement = sql.END_WITH_FACTS if "provider" in ended else sql.END
        values = {"call": call_id, "ended": as_json(ended), "parameters": as_json(dict(parameters or {}))}
        await connection.execute(statement, values)
        await self._follow(connection, call_id)

    async def _follow(self, connection: AsyncConnection, *calls: str) -> None:
        if not ids.is_look(calls[0]):
            await self._history.follow_calls(connection, ids.order_of_call(calls[0]), list(calls))

    async def _one(self, statement: TextClause, **values: Any) -> tuple[Any, ...]:
        with outages():
            async with self._single.connect() as connection:
                return tuple((await connection.execute(statement, values)).one())

    async def _write(
        self, table: type[Base], call_id: str, file_key: str, whole: Write, instead: Write | None = None
    ) -> None:
        key = f"{call_id} {file_key}".strip()
        await write_or_quarantine(self._engine, table, key, whole, instead, first=self._engine_for(call_id))

    def _engine_for(self, call_id: str) -> AsyncEngine:
        is_single = ids.is_look(call_id) or self._history.is_unowned(ids.order_of_call(call_id))
        return self._single if is_single else self._engine


@asynccontextmanager
async def _begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with outages():
        async with engine.begin() as connection:
            yield connection


def _facts(call: ModelCall) -> Values:
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


def _opening(record: CallRecord) -> Values:
    row = {
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
    key = {"call": record.call_id, "task": record.task_id, "attempt": record.attempt, "input": record.input_key}
    left_open = {"kind": record.kind, "interrupted": Outcome.INTERRUPTED, "why": INTERRUPTED}
    return {**key, **left_open, "row": as_json(row), "parameters": as_json(dict(record.parameters))}
