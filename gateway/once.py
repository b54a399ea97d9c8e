"""Starts something under an unused id, once per Idempotency-Key."""

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

NO_ID = "could not find an unused id; retry"
TRIES = 3  # to find an unused id; there are a billion per day
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Chosen by the caller. Repeats with the same key within 30 days (`IDEMPOTENCY_KEPT_DAYS`) only get "
        "the same answer.",
        examples=["chat-4711-order-1"],
    ),
    Printable,
]
Started_co = TypeVar("Started_co", covariant=True)


class StartRequest(Protocol[Started_co]):
    """A request to start something in Temporal."""

    @property
    def kind(self) -> str:
        """The kind of thing, in the plural; keys of different kinds are independent."""

    @property
    def fingerprint(self) -> str:
        """A digest of the request, to detect another one with the same key."""

    def new_id(self) -> str:
        """Return a fresh id."""

    def workflow_id(self, name: str) -> str:
        """Return the workflow id for an id."""

    async def start(self, name: str, *, must_be_new: bool) -> Started_co:
        """Start it under an id. Raises WorkflowAlreadyStartedError if it has ended or, with `must_be_new`, exists."""

    def started(self, name: str) -> Started_co:
        """Return the response if it was started earlier and has already ended."""


async def start(request: Request, who: ApiKey, key: str | None, wanted: StartRequest[Started_co]) -> Started_co:
    """Start it, unless the same key has already started it. Raises IdempotencyKeyReused."""
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
    """Start it under the id stored for the key, so that concurrent requests with the same key start it only once.

    An id is stored only if it is unused. So whatever has this id later was started by the same key.
    """
    keys: IdempotencyKeys = request.state.idempotency_keys
    scope = f"{who.name}: {wanted.kind}"
    use = await keys.find(scope, key) or await keys.remember(
        scope, key, wanted.fingerprint, await _free_id(await request.state.temporal.client(), wanted)
    )
    if use.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused("this Idempotency-Key (or event_id) was already used with another body")
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
