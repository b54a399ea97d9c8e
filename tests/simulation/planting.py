"""How a bug is planted: one function of the product is replaced by a changed one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import wraps
from typing import Any
from unittest.mock import patch

from domain.designers.dispatch import Opened
from domain.order.inbox import Inbox
from domain.order.messages import Answer
from domain.order.order import Order
from domain.vocabulary.status import GONE

Original = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A bug: what it replaces, and by what. `becomes` gets the original and returns its replacement."""

    name: str
    owner: Any
    attribute: str
    becomes: Callable[[Original], Any]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Plant the bug."""
        is_table = isinstance(self.owner, dict)
        original = self.owner[self.attribute] if is_table else getattr(self.owner, self.attribute)
        changed = self.becomes(original)
        planting = (
            patch.dict(self.owner, {self.attribute: changed})
            if is_table
            else patch.object(self.owner, self.attribute, changed)
        )
        with planting:
            yield


def nothing(_original: Original) -> Original:
    """Do nothing, and return nothing."""
    return lambda *_args, **_named: None


def never(_original: Original) -> Original:
    """Answer no."""
    return lambda *_args, **_named: False


def async_nothing(original: Original) -> Original:
    """Do nothing in a coroutine."""

    @wraps(original)
    async def done(*_args: Any, **_named: Any) -> None:
        return None

    return done


def afterwards(then: Callable[..., None]) -> Callable[[Original], Original]:
    """Do as usual, then something more with the same arguments."""

    def becomes(original: Original) -> Original:
        def changed(*args: Any, **named: Any) -> Any:
            answer = original(*args, **named)
            then(*args)
            return answer

        return changed

    return becomes


def unless(condition: Callable[..., bool]) -> Callable[[Original], Original]:
    """Do as usual, except under a condition."""

    def becomes(original: Original) -> Original:
        return lambda *args, **named: None if condition(*args) else original(*args, **named)

    return becomes


def with_result(change: Callable[[Any], Any]) -> Callable[[Original], Original]:
    """Do as usual, with another result."""
    return lambda original: lambda *args, **named: change(original(*args, **named))


def forget_inbox(original: Original) -> Original:
    """Continue as new with an empty inbox."""

    def changed(self: Any) -> Any:
        known, self.inbox = self.inbox, Inbox()
        original(self)
        self.inbox = known

    return changed


def clock_in_notes(original: Original) -> Original:
    """Note the time of the machine."""
    return lambda self, *args, **facts: original(self, *args, **facts, machine=time.time_ns())


def clock_in_message_id(original: Original) -> Original:
    """Give each try of a letter an id of its own."""

    async def changed(*args: Any, **named: Any) -> Any:
        letter = await original(*args, **named)
        return replace(letter, message_id=f"<{time.time_ns()}@darkroom.example>")

    return changed


def silent_answer(_original: Original) -> Original:
    """Answer an update without handling it."""

    async def changed(self: Any, *_args: Any) -> Answer:
        return Answer()

    return changed


def raise_given(_original: Original) -> Original:
    """Raise the error, whatever it is."""

    def changed(error: Exception) -> None:
        raise error

    return changed


def only_for_customers(original: Original) -> Original:
    """Answer what staff sent without handling it."""

    async def changed(self: Any, *args: Any, is_update: bool = True) -> Any:
        return await original(self, *args, is_update=True) if is_update else Answer()

    return changed


def always_create(original: Original) -> Original:
    """Create a task without looking for the one of an earlier try."""

    @wraps(original)
    async def changed(self: Any, wanted: Any) -> Any:
        await self._records.opened(wanted.dispatch_id, wanted.request)
        created = await self._create(self._dispatch, wanted.request) if self._dispatch else ""
        return dispatching_opened(self, created)

    return changed


def dispatching_opened(activity: Any, task_id: str) -> Any:
    """The answer of the activity that opens a dispatch."""
    return Opened(rules=activity._rules, dispatch_task_id=task_id)


def deaf(original: Any) -> Any:
    """Read a signal of a dispatch and do nothing."""
    kind, _take = original
    return kind, lambda *_: None


def lose_news(_original: Original) -> Original:
    """Drop what the order should hear, without sending it."""

    async def changed(self: Any) -> None:
        self.state.for_order.pop(0)

    return changed


def crash_on(condition: Callable[..., bool]) -> Callable[[Original], Original]:
    """Raise an error under a condition."""

    def becomes(original: Original) -> Original:
        def changed(*args: Any, **named: Any) -> Any:
            if condition(*args):
                raise KeyError("planted")
            return original(*args, **named)

        return changed

    return becomes


def double(payment: Any) -> Any:
    """The payment with twice its amount."""
    payment.amount *= Decimal(2)
    return payment


def without_last_line(news: Order) -> Order:
    """The report without its last line of the trail."""
    news.journal = news.journal[:-1]
    return news


def record_twice(_message: Any, order: Order, _now: Any) -> None:
    """Record the last payment once more."""
    if order.payments:
        order.payments.append(order.payments[-1])


def clear_outbox(order: Order, *_: Any) -> None:
    """Forget every message that is still to be sent."""
    order.outbox = []


def is_over(_message: Any, order: Order, *_: Any) -> bool:
    """Whether the order is no longer worked on."""
    return order.status in GONE
