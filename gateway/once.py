"""Starting something under an id that nothing else has, once for each Idempotency-Key."""

from contextlib import suppress
from typing import Annotated, Protocol, TypeVar

from fastapi import Header
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapters.db.idempotency import IdempotencyKeys
from adapters.db.keys import ApiKey
from domain.errors import IdempotencyKeyReused, OutsideUnavailable
from gateway.bodies import Printable

TRIES = 3  # at an id that nothing else has: there are a thousand million a day
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Chosen by the caller: the same key again changes nothing and is answered the same, for 30 days.",
        examples=["chat-4711-order-1"],
    ),
    Printable,
]
Started_co = TypeVar("Started_co", covariant=True)


class Wanted(Protocol[Started_co]):
    """One request for something that is to be started in Temporal."""

    @property
    def kind(self) -> str:
        """What it is, in the plural: a caller may use one key for two kinds."""

    @property
    def fingerprint(self) -> str:
        """Tells it from another request with the same key."""

    def new_id(self) -> str:
        """Return a fresh id."""

    async def start(self, name: str, *, must_be_new: bool) -> Started_co:
        """Start it under an id. Raises WorkflowAlreadyStartedError where it has ended, or is there but must not be."""

    def started(self, name: str) -> Started_co:
        """Return what is answered of one that has lived and ended meanwhile."""


async def start(keys: IdempotencyKeys, who: ApiKey, key: str | None, wanted: Wanted[Started_co]) -> Started_co:
    """Start it, unless the same key has started it already. Raises IdempotencyKeyReused."""
    for _ in range(TRIES):
        if key is None:
            with suppress(WorkflowAlreadyStartedError):
                return await wanted.start(wanted.new_id(), must_be_new=True)
        elif (found := await _start_once(keys, f"{who.name}: {wanted.kind}", key, wanted)) is not None:
            return found
    raise OutsideUnavailable("no free id was found; ask again")


async def _start_once(keys: IdempotencyKeys, scope: str, key: str, wanted: Wanted[Started_co]) -> Started_co | None:
    """Start it under the id that the key stands for; None where something else bears that id."""
    use = await keys.remember(scope, key, wanted.fingerprint, wanted.new_id())
    if use.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused(f"the Idempotency-Key {key!r} was used with another body; choose another one")
    try:
        return await wanted.start(use.order_id, must_be_new=use.is_new)
    except WorkflowAlreadyStartedError:
        if not use.is_new:
            return wanted.started(use.order_id)
        await keys.forget(scope, key)
        return None
