"""Looking for a picture: in the library, and at a designer where nothing is found; once for each Idempotency-Key."""

from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import Field
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapters.db.idempotency import IdempotencyKeys
from adapters.db.keys import ApiKey
from domain import ids
from domain.errors import IdempotencyKeyReused, OutsideUnavailable
from domain.finding import FindRequest, Found
from gateway import sources
from gateway.auth import Caller
from gateway.errors import OF_ANY_CALLER, problems
from gateway.new_orders import TRIES, IdempotencyKey
from starter import finding
from starter.contract_examples import FIND, SEARCH

S = HTTPStatus
PATIENCE = timedelta(seconds=8)  # a usual picture takes less than one
AT_ONCE = timedelta(seconds=2)  # enough to be told what has ended
FindId = Annotated[str, Path(pattern=ids.FIND_ID_PATTERN, examples=[FIND], description="The search.")]

router = APIRouter(prefix="/api/pictures", tags=["pictures"])


class Answer(Found):
    """A search, and what it came to."""

    find_id: str = Field(examples=[FIND])
    is_done: bool = Field(description="false: it is still looked for.")


NOT_YET: dict[int | str, dict[str, Any]] = {
    int(S.ACCEPTED): {"model": Answer, "description": "It is still looked for; read it again at `Location`"}
}


@router.post(
    "/find",
    responses=NOT_YET
    | problems(*OF_ANY_CALLER, S.NOT_FOUND, S.CONFLICT, CONFLICT="The Idempotency-Key was used for another search"),
)
async def find_picture(
    request: Request,
    response: Response,
    who: Caller,
    asked: Annotated[FindRequest, Body(openapi_examples={"usual": {"value": SEARCH}})],
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Look for a picture among the shareable ones and the asker's own; where nothing is found, ask a designer.

    Where the answer is lost, or says 202 or 503, ask again with the same Idempotency-Key or `event_id`: it is one
    search, and no second designer is asked.
    """
    sources.check(asked)
    wanted = _Wanted(request, who, asked)
    key = idempotency_key or (f"event {asked.event_id}" if asked.event_id else None)
    find_id = await (wanted.start_once(key) if key else wanted.start())
    return await _answer(request, response, find_id, PATIENCE)


@router.get("/find/{find_id}", responses=NOT_YET | problems(*OF_ANY_CALLER, S.NOT_FOUND))
async def read_search(request: Request, response: Response, _: Caller, find_id: FindId) -> Answer:
    """Return what a search came to."""
    return await _answer(request, response, find_id, AT_ONCE)


async def _answer(request: Request, response: Response, find_id: str, patience: timedelta) -> Answer:
    """Wait for a search, and say so where it takes longer. Raises NoSuchOrder, MalformedRequest, ConnectionError."""
    found = await finding.answer(await request.state.temporal.client(), find_id, patience)
    if found is None:
        response.status_code = S.ACCEPTED
    response.headers["Location"] = f"/api/pictures/find/{find_id}"
    return Answer(find_id=find_id, is_done=found is not None, **(found or Found()).model_dump())


class _Wanted:
    """One search on its way to Temporal."""

    def __init__(self, request: Request, who: ApiKey, asked: FindRequest) -> None:
        self._state = request.state
        self._who = who
        self._asked = asked
        self._fingerprint = sha256(asked.model_dump_json().encode()).hexdigest()

    async def start(self) -> str:
        """Start it under an id that no other search has, since that one's answer may be another customer's."""
        for _ in range(TRIES):
            find_id = finding.new_find_id(self._state.timezone)
            if await self._is_started(find_id, must_be_new=True):
                return find_id
        raise OutsideUnavailable("no free id for a search was found; ask again")

    async def start_once(self, key: str) -> str:
        """Start it, unless the same key has started it already. Raises IdempotencyKeyReused."""
        keys: IdempotencyKeys = self._state.idempotency_keys
        scope = f"{self._who.name}: searches"
        for _ in range(TRIES):
            use = await keys.remember(scope, key, self._fingerprint, finding.new_find_id(self._state.timezone))
            if use.fingerprint != self._fingerprint:
                raise IdempotencyKeyReused(
                    f"the Idempotency-Key {key!r} was used for another search; choose another one"
                )
            if await self._is_started(use.order_id, must_be_new=use.is_new):
                return use.order_id
            await keys.forget(scope, key)  # another search bears that id
        raise OutsideUnavailable("no free id for a search was found; ask again")

    async def _is_started(self, find_id: str, *, must_be_new: bool) -> bool:
        client = await self._state.temporal.client()
        try:
            await finding.start(client, find_id, self._asked, must_be_new=must_be_new)
        except WorkflowAlreadyStartedError:
            return False
        return True
