"""Recording calls to models: each is opened in the ledger before it is made, and closed with its cost."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from temporalio import activity

from activities.heartbeat import is_cancel_requested
from activities.keeping import kept
from activities.measures import Measures
from activities.turns import Turns
from domain.attempts.ledger import CallFailure, CallRecord, Ledger
from domain.ports import EncodedImage, Vision
from domain.vocabulary import ids
from domain.vocabulary.costs import CallKind, Costs, Spent
from domain.vocabulary.errors import ModelError, ModelUnavailable, OutsideUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall

T = TypeVar("T")


@dataclass
class Entry:
    """A call in progress; its caller sets here how it went."""

    call: ModelCall | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


class CallRecorder:
    """Records calls in the ledger and knows what was spent.

    `patience` is how long it tries to keep what a call has brought while storage or database is away.
    """

    def __init__(
        self,
        ledger: Ledger,
        costs: Costs,
        turns: Turns | None = None,
        measures: Measures | None = None,
        patience: timedelta = timedelta(),
    ) -> None:
        self.ledger = ledger
        self._patience = patience
        self._measures = measures or Measures()
        self._costs = costs
        self._turns = turns or Turns()

    async def spent(self, task_id: str) -> Spent:
        """Return the cost of the calls for a picture so far."""
        return await self.ledger.spent(task_id)

    async def keep(self, write: Callable[[], Awaitable[T]]) -> T:
        """Return what an idempotent write of an answer returns. Raises OutsideUnavailable when patience is over."""
        return await kept(write, self._patience)

    def vision_call(
        self, vision: Vision, task_id: str, attempt: int, kind: CallKind, *, prompt: str, key: str
    ) -> CallRecord:
        """Return the record of a call by the running activity to the vision model about the file `key`."""
        info = activity.info()
        made_by = f"{(info.workflow_run_id or '')[-8:]}.{info.activity_id}.{info.attempt}"
        return CallRecord(
            call_id=ids.look_id(task_id, kind, made_by, key),
            task_id=task_id,
            attempt=attempt,
            kind=kind,
            provider=vision.provider,
            model=vision.vision_model,
            prompt=prompt,
            input_key=key,
            expected_cost=self._costs.expected(vision.vision_model, kind),
        )

    @asynccontextmanager
    async def recorded(self, record: CallRecord, *sent: EncodedImage) -> AsyncIterator[Entry]:
        """Record the call made in the body, which sends these images, once it is its turn. Raises NotYet.

        A model error or a cancellation closes it as failed and is re-raised. A call whose outcome is unknown, because
        the body failed otherwise, stays open and counts at its expected cost.
        """
        size = sum(len(image.data) for image in sent)
        async with self._turns.turn(record.provider, record.model, size) as pause, self._opened(record) as entry:
            if pause:  # the provider has asked for it: the call would be answered with 429, and is recorded like that
                raise ModelUnavailable(f"{record.provider} wants no calls now", Outcome.BUSY, retry_after=pause)
            yield entry

    @asynccontextmanager
    async def _opened(self, record: CallRecord) -> AsyncIterator[Entry]:
        begun, entry = time.monotonic(), Entry()
        await self.ledger.open_call(record)
        try:
            yield entry
        except ModelError as error:
            await self._fail(record, begun, error)
            raise
        except asyncio.CancelledError:
            why = _why_broken_off()
            ended = ModelError(why.replace("_", " "), why, call=entry.call, possibly_billed=entry.call is None)
            await asyncio.shield(self._fail(record, begun, ended))
            raise
        except OutsideUnavailable as error:
            if entry.call is None:  # no imaging process was free for the packaged networks
                await self._fail(record, begun, ModelError(str(error), Outcome.INTERRUPTED))
            else:
                await self._close(record, begun, entry)
            raise
        except Exception:  # processing its answer failed, but the call was made and costs money
            await self._close(record, begun, entry)
            raise
        await self._close(record, begun, entry)

    async def _close(self, record: CallRecord, begun: float, entry: Entry) -> None:
        if entry.call:
            call = self._costs.priced(entry.call)
            self._measure(record, Outcome.MADE, begun, call)
            await self.keep(lambda: self.ledger.close_call(record.call_id, call, entry.parameters))

    async def _fail(self, record: CallRecord, begun: float, error: ModelError) -> None:
        latency = round((time.monotonic() - begun) * 1000)
        call = error.call or ModelCall(provider=record.provider, model=record.model, latency_ms=latency)
        if call.input_tokens or call.output_tokens or call.pictures:  # it was metered, so it costs money
            call = self._costs.priced(call)
        self._measure(record, error.outcome, begun, call)
        failure = CallFailure(error.outcome, str(error), call, error.possibly_billed)
        await self.keep(lambda: self.ledger.fail_call(record.call_id, failure))

    def _measure(self, record: CallRecord, outcome: Outcome, begun: float, call: ModelCall) -> None:
        seconds = time.monotonic() - begun
        self._measures.model_call(record.provider, record.model, record.kind, outcome, seconds, call.booked_cost)


def _why_broken_off() -> Outcome:
    """Distinguish a cancellation by the order from a worker's shutdown, after which another worker retries."""
    return Outcome.CALLED_OFF if is_cancel_requested() else Outcome.INTERRUPTED
