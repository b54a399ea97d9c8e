"""Writes to the tables: an order's projection, its customer, and the books of the calls to image models."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db import customers, feed, late
from adapters.db.engine import outages
from adapters.db.models import (
    GenerationParameterRow,
    GenerationResultRow,
    GenerationTaskRow,
    ImageTaskRow,
    OrderEventRow,
    OrderRow,
    PaymentRow,
    RequirementChangeRow,
)
from adapters.db.projection import Row, change_rows, event_rows, order_row, payment_rows, task_rows
from adapters.db.writing import add, upsert
from domain.customers import Profile, remembered
from domain.order import Order
from domain.pictures import ModelCall, StoredPicture
from domain.ports import CallRecord, MadeBy
from domain.work import LateEvent

# What ended stays as it ended; a call whose worker was taken for dead may still report how it really went.
UNDECIDED = ("processing", "interrupted")
INTERRUPTED = "the worker stopped before an answer was kept; the call may be billed all the same"


class PostgresRecords:
    """The Records port: each method is one transaction, harmless when repeated. Raises OutsideUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def save(self, order: Order) -> None:
        """Write the projection of an order, whole; an older version never overwrites a newer one."""
        async with self._transaction() as connection:
            # The order comes first: the lock on its row lets only one writer of an order through at a time. The
            # customer comes last, so that two orders of one customer wait for each other, never crosswise.
            is_newest = await upsert(connection, OrderRow, [order_row(order)])
            await upsert(connection, ImageTaskRow, task_rows(order))
            await add(connection, PaymentRow, payment_rows(order))
            await add(connection, OrderEventRow, event_rows(order))
            await add(connection, RequirementChangeRow, change_rows(order))
            if is_newest:
                await customers.remember(
                    connection, order.acc_id, order.customer_id, lambda known, totals: remembered(known, order, totals)
                )
        await feed.announce(self._engine, order.order_id)

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        """Return what is remembered of a customer of a shop."""
        async with self._transaction() as connection:
            return await customers.find(connection, acc_id, customer_id)

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        """Keep an event of an order that has closed, once, with its money; return whether the order is known."""
        async with self._transaction() as connection:
            is_known = await late.keep(connection, event, event_id, at)
        if is_known:
            await feed.announce(self._engine, event.order_id)
        return is_known

    async def open_call(self, record: CallRecord) -> None:
        """Note that a model is about to be called; the task's row must stand in `image_tasks`."""
        others = (
            (GenerationTaskRow.image_task_id == record.task_id)
            & (GenerationTaskRow.attempt == record.attempt)
            & (GenerationTaskRow.task_id != record.call_id)
            & (GenerationTaskRow.status == "processing")
        )
        interrupted = {
            "status": "interrupted",
            "possibly_billed": True,
            "error_message": INTERRUPTED,
            "completed_at": func.now(),
        }
        async with self._transaction() as connection:
            await connection.execute(update(GenerationTaskRow).where(others).values(interrupted))
            await add(connection, GenerationTaskRow, [_call_row(record)])
            await add(connection, GenerationParameterRow, _parameter_rows(record.call_id, record.parameters))

    async def recover_call(self, task_id: str, attempt: int) -> MadeBy:
        """Return the call that made an attempt's stored picture, closing it where a crash left it open.

        What it cost was lost with the crash, so its cost stays null. Raises KeyError for an attempt without a call.
        """
        calls = (
            select(GenerationTaskRow.task_id, GenerationTaskRow.provider, GenerationTaskRow.model)
            .where(GenerationTaskRow.image_task_id == task_id, GenerationTaskRow.attempt == attempt)
            .order_by((GenerationTaskRow.status == "completed").desc(), GenerationTaskRow.id.desc())
            .limit(1)
        )
        recovered = {
            "status": "completed",
            "completed_at": func.now(),
            "error_message": None,
            "possibly_billed": False,
        }
        async with self._transaction() as connection:
            call = (await connection.execute(calls)).one_or_none()
            if call is None:
                raise KeyError(f"{task_id}, attempt {attempt}")
            await _end(connection, call.task_id, recovered)
        return MadeBy(call.task_id, call.provider, call.model)

    async def close_call(self, call_id: str, call: ModelCall, parameters: Mapping[str, str]) -> None:
        """Note how a call ended well."""
        ended = {
            "status": "completed",
            "completed_at": func.now(),
            "error_message": None,
            "possibly_billed": False,  # its cost is known now
            "provider": call.provider,
            "model": call.model,
            "api_response": call.model_dump(mode="json"),
            "tokens": {"input": call.input_tokens, "output": call.output_tokens},
            "cost": call.cost,
            "cost_currency": call.currency,
            "latency_ms": call.latency_ms,
            "provider_request_id": call.request_id,
            "finish_reason": call.finish_reason,
        }
        async with self._transaction() as connection:
            await _end(connection, call_id, ended)
            await add(connection, GenerationParameterRow, _parameter_rows(call_id, parameters))

    async def fail_call(self, call_id: str, error: str, finish_reason: str | None, possibly_billed: bool) -> None:
        """Note how a call ended badly."""
        ended = {
            "status": "failed",
            "completed_at": func.now(),
            "error_message": error,
            "finish_reason": finish_reason,
            "possibly_billed": possibly_billed,
        }
        async with self._transaction() as connection:
            await _end(connection, call_id, ended)

    async def save_result(self, call_id: str, result: StoredPicture, model: str) -> None:
        """Note the deliverable that came of a call; the same call again changes nothing."""
        row = {
            "task_id": call_id,
            "generated_image_id": result.key,
            "model": model,
            "content_type": result.content_type,
            "file_size": result.file_size,
            "sha256": result.sha256,
        }
        async with self._transaction() as connection:
            await add(connection, GenerationResultRow, [row])

    async def save_check(self, call_id: str, score: int, facts: Mapping[str, object]) -> None:
        """Note what the quality check said of a call's result."""
        judged = update(GenerationResultRow).where(GenerationResultRow.task_id == call_id)
        async with self._transaction() as connection:
            await connection.execute(judged.values(qa_score=score, qa_facts=dict(facts)))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with outages():
            async with self._engine.begin() as connection:
                yield connection


async def _end(connection: AsyncConnection, call_id: str, ended: Row) -> None:
    is_open = (GenerationTaskRow.task_id == call_id) & GenerationTaskRow.status.in_(UNDECIDED)
    await connection.execute(update(GenerationTaskRow).where(is_open).values(ended))


def _call_row(record: CallRecord) -> Row:
    return {
        "task_id": record.call_id,
        "image_task_id": record.task_id,
        "attempt": record.attempt,
        "provider": record.provider,
        "model": record.model,
        "prompt": record.prompt,
        "input_image_id": record.input_key,
        "size": record.size,
        "status": "processing",
    }


def _parameter_rows(call_id: str, parameters: Mapping[str, str]) -> list[Row]:
    return [
        {"task_id": call_id, "parameter_name": name, "parameter_value": value}
        for name, value in sorted(parameters.items())
    ]
