"""The books of the calls to models: what a call is on record, and the port that keeps them."""

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
    """One call to a model, as `image_generation_task` keeps it; `call_id` names this very try.

    A first look belongs to attempt 0. `expected_cost`, in the shop's currency, counts as long as nobody knows better.
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
    """How a call came to nothing; `call` holds what is known of it."""

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
    """The books of the calls to models."""

    async def open_call(self, record: CallRecord) -> None:
        """Note that a model is about to be called; earlier open calls of this kind and attempt become interrupted."""

    async def recover_call(self, task_id: str, attempt: int) -> MadeBy:
        """Return the last call of an attempt whose raw picture is stored, closing it where a crash left it open."""

    async def close_call(self, call_id: str, call: ModelCall, parameters: Mapping[str, str]) -> None:
        """Note how a call ended well."""

    async def fail_call(self, call_id: str, failure: CallFailure) -> None:
        """Note how a call ended badly."""

    async def spent(self, task_id: str) -> Spent:
        """Return what the calls for a picture cost so far, and may cost besides."""

    async def tries(self, task_id: str, attempt: int, outcomes: Collection[Outcome]) -> int:
        """Return how many calls of an attempt came to one of these."""

    async def claim_notification(self, call_id: str, within: timedelta) -> bool:
        """Note that staff are told of a call's outcome; false where they were told of its provider's for so long."""

    async def save_result(self, call_id: str, result: StoredPicture, model: str) -> None:
        """Note a deliverable that came of a call; the same file again changes nothing."""

    async def save_check(self, call_id: str, file_key: str, score: int, facts: Mapping[str, Any]) -> None:
        """Note what the quality check said of one result of a call."""

    async def record_outcome(self, call_id: str, outcome: Outcome) -> None:
        """Note what a call came to once its pictures were looked at."""
