"""The ledger and the records of orders in memory, as one Postgres keeps both."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.attempts.ledger import CallFailure, CallRecord, MadeBy
from domain.attempts.work import LateEvent
from domain.order.order import Order
from domain.story.customers import Profile
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall, StoredPicture


class FakeLedger:
    def __init__(self) -> None:
        self.calls: dict[str, CallRecord] = {}
        self.states: dict[str, str] = {}  # of the calls for pictures
        self.outcomes: dict[str, Outcome] = {}
        self.costs: dict[str, Decimal] = {}
        self.results: dict[str, list[StoredPicture]] = {}
        self.checks: dict[str, int] = {}
        self.check_facts: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.told_of: dict[str, str] = {}

    async def open_call(self, record: CallRecord) -> None:
        for call_id, other in self.calls.items():
            same = (other.task_id, other.attempt, other.kind) == (record.task_id, record.attempt, record.kind)
            if same and self.states.get(call_id) == "processing":
                self.states[call_id] = "interrupted"
        self.calls[record.call_id] = record
        self._end(record.call_id, "processing", None)

    async def recover_call(self, task_id: str, attempt: int) -> MadeBy:
        same = [c for c in self.calls.values() if (c.task_id, c.attempt, c.kind) == (task_id, attempt, "image")]
        likeliest = ("completed", "processing", "interrupted", "failed")
        made = min(reversed(same), key=lambda call: likeliest.index(self.states[call.call_id]))
        self._end(made.call_id, "completed", Outcome.MADE)
        return MadeBy(made.call_id, made.provider, made.model)

    async def close_call(self, call_id: str, call: ModelCall, parameters: Mapping[str, str]) -> None:
        self._end(call_id, "completed", Outcome.MADE, call.booked_cost)

    async def fail_call(self, call_id: str, failure: CallFailure) -> None:
        expected = self.calls[call_id].expected_cost if failure.possibly_billed else None
        self._end(call_id, "failed", failure.outcome, failure.call.booked_cost or expected)

    async def spent(self, task_id: str) -> Spent:
        calls = [call_id for call_id, call in self.calls.items() if call.task_id == task_id]
        return Spent(calls=len(calls), cost=sum((self.costs.get(call_id, Decimal(0)) for call_id in calls), Decimal(0)))

    async def tries(self, task_id: str, attempt: int, outcomes: Collection[Outcome]) -> int:
        ended = [self.calls[call_id] for call_id, end in self.outcomes.items() if end in outcomes]
        return sum((call.task_id, call.attempt, call.kind) == (task_id, attempt, "image") for call in ended)

    async def claim_notification(self, call_id: str, within: timedelta) -> bool:
        provider = self.calls[call_id].provider
        return self.told_of.setdefault(provider, call_id) == call_id

    async def save_result(self, call_id: str, result: StoredPicture, model: str) -> None:
        kept = self.results.setdefault(call_id, [])
        if result.key not in [other.key for other in kept]:
            kept.append(result)

    async def save_check(self, call_id: str, file_key: str, score: int, facts: Mapping[str, Any]) -> None:
        self.check_facts[call_id, file_key] = json.loads(json.dumps(dict(facts)))  # a column of JSON holds them
        self.checks[file_key] = score

    async def known_check(self, call_id: str, file_key: str) -> Mapping[str, Any] | None:
        return self.check_facts.get((call_id, file_key))

    async def record_outcome(self, call_id: str, outcome: Outcome) -> None:
        self.outcomes[call_id] = outcome

    def _end(self, call_id: str, status: str, outcome: Outcome | None, cost: Decimal | None = None) -> None:
        if self.calls[call_id].kind == "image":
            self.states[call_id] = status
        if outcome:
            self.outcomes[call_id] = outcome
        if cost:
            self.costs[call_id] = cost


class FakeRecords(FakeLedger):
    """Both ports, as one Postgres keeps both."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[Order] = []
        self.known: dict[tuple[str, str], Profile] = {}
        self.late: list[tuple[str, LateEvent]] = []  # each with its id
        self.failures: list[Exception] = []

    async def save(self, order: Order) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.saved.append(order.model_copy(deep=True))

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        return self.known.get((acc_id, customer_id))

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        kept = {(late.order_id, late.signal, other) for other, late in self.late}
        if (event.order_id, event.signal, event_id) not in kept:
            self.late.append((event_id, event))
        return any(order.order_id == event.order_id for order in self.saved)
