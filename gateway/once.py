"""Starting something under an id that nothing else has, once for each Idempotency-Key."""

from contextlib import suppress
from typing import Annotated, Protocol, TypeVar

from fastapi import Header, Request
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapters.db.idempotency import IdempotencyKeys
from adapters.db.keys import ApiKey
from domain.vocabulary.errors import IdempotencyKeyReused, OutsideUnavailable
from gateway import scopes
from gateway.bodies import Printable
from starter.taken import is_taken

NO_ID = "no free id was found; ask again"
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


class StartRequest(Protocol[Started_co]):
    """One request for something that is to be started in Temporal."""

    @property
    def kind(self) -> str:
        """What it is, in the plural: a caller may use one key for two kinds."""

    @property
    def fingerprint(self) -> str:
        """Tells it from another request with the same key."""

    def new_id(self) -> str:
        """Return a fresh id."""

    def workflow_id(self, name: str) -> str:
        """Return the id of the workflow that an id names."""

    async def start(self, name: str, *, must_be_new: bool) -> Started_co:
        """Start it under an id. Raises WorkflowAlreadyStartedError where it has ended, or is there but must not be."""

    def started(self, name: str) -> Started_co:
        """Return what is answered of one that has lived and ended meanwhile."""


async def start(request: Request, who: ApiKey, key: str | None, wanted: StartRequest[Started_co]) -> Started_co:
    """Start it, unless the same key has started it already. Raises IdempotencyKeyReused."""
    name, started = await _start_once(request, who, key, wanted) if key is not None else await _start_new(wanted)
    await scopes.note(request, who, name)
    return started


async def _start_new(wanted: StartRequest[Started_co]) -> tuple[str, Started_co]:
    for _ in range(TRIES):
        with suppress(WorkflowAlreadyStartedError):
            name = wanted.new_id()
            return name, await wanted.start(name, must_be_new=True)
    raise OutsideUnavailable(NO_ID)


async def _start_once(
    request: Request, who: ApiKey, key: str, wanted: StartRequest[Started_co]
) -> tuple[str, Started_co]:
    """Start it under the id that the key stands for: whatever bears that id by then was started by the same key.

    So an id is noted only once nothing bears it: two requests at once, of which one is slow, start one thing.
    """
    keys: IdempotencyKeys = request.state.idempotency_keys
    scope = f"{who.name}: {wanted.kind}"
    use = await keys.find(scope, key) or await keys.remember(
        scope, key, wanted.fingerprint, await _free_id(await request.state.temporal.client(), wanted)
    )
    if use.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused("this Idempotency-Key (or event_id) was used with another body; choose another one")
    try:
        return use.went_to, await wanted.start(use.went_to, must_be_new=False)
    except WorkflowAlreadyStartedError:
        return use.went_to, wanted.started(use.went_to)


async def _free_id(client: Client, wanted: StartRequest[object]) -> str:
    for _ in range(TRIES):
        name = wanted.new_id()
        if not await is_taken(client, wanted.workflow_id(name)):
            return name
    raise OutsideUnavailable(NO_ID)
