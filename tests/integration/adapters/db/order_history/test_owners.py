"""Only image calls for orders of a user have records."""

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from domain.attempts.ledger import CallRecord
from domain.vocabulary.outcomes import Outcome
from tests.integration.adapters.db.order_history.making import OWNER, Query, made, owned, third
from tests.integration.adapters.db.orders import new_order


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
