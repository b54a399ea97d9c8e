"""The ledger of model calls: the record of a call, and the port that stores it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

from domain.vocabulary.costs import CallKind, Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall, StoredPicture


@dataclass(frozen=True)
class CallRecord:
    """One model call, a row of `image_generation_task`; each try has its own `call_id`.

    The initial analysis belongs to attempt 0. `expected_cost`, in the shop's currency, counts until the real cost is
    known.
    """

    call_id: str
    task_id: str
    attempt: int
    kind: CallKind
    provider: str
    model: str
    prompt: str
    input_key: str
    size: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    expected_cost: Decimal = Decimal(0)


@dataclass(frozen=True)
class CallFailure:
    """How a call failed; `call` holds what is known about it."""

    outcome: Outcome
    error: str
    call: ModelCall
    possibly_billed: bool


@dataclass(frozen=True)
class MadeBy:
    """Which call made a raw picture."""

    call_id: str
    provider: str
    model: str


class Ledger(Protocol):
    """The ledger of model calls."""

    async def open_call(self, record: CallRecord) -> None:
        """Record a call before it is made; open calls of the same kind and attempt become interrupted."""

    async def recover_call(self, task_id: str, attempt: int) -> MadeBy:
        """Return the last call of an attempt whose raw image is stored, and close it if a crash left it open."""

    async def close_call(self, call_id: str, call: ModelCall, parameters: Mapping[str, str]) -> None:
        """Record the success of a call."""

    async def fail_call(self, call_id: str, failure: CallFailure) -> None:
        """Record the failure of a call."""

    async def spent(self, task_id: str) -> Spent:
        """Return the cost of a picture's calls so far, and what unresolved calls may add."""

    async def tries(self, task_id: str, attempt: int, outcomes: Collection[Outcome]) -> int:
        """Return how many calls of an attempt ended with one of these outcomes."""

    async def claim_notification(self, call_id: str, within: timedelta) -> bool:
        """Record that staff are told of a failed call; False if they were told of its provider `within` that time."""

    async def save_result(self, call_id: str, result: StoredPicture, model: str) -> None:
        """Record a deliverable made from a call. Idempotent for the same file."""

    async def save_check(self, call_id: str, file_key: str, score: int, facts: Mapping[str, Any]) -> None:
        """Record the quality check of one result of a call."""

    async def known_check(self, call_id: str, file_key: str) -> Mapping[str, Any] | None:
        """Return the facts of an earlier quality check of one result of a call, or None."""

    async def record_outcome(self, call_id: str, outcome: Outcome) -> None:
        """Record the final outcome of a call, once its images were checked."""
