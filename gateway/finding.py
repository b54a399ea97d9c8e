"""Looking for a picture: in the library, and at a designer where nothing is found; once for each Idempotency-Key."""

from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import BaseModel, Field

from domain.library.finding import FindRequest, Found, Match
from domain.vocabulary import ids
from gateway import once, scopes, sources
from gateway.auth import Caller
from gateway.errors import OF_ANY_CALLER, problems
from gateway.once import IdempotencyKey
from starter import finding
from starter.contract.examples import FIND, SEARCH

S = HTTPStatus
TIMEOUT = timedelta(seconds=8)  # a usual picture takes less than one
READ_TIMEOUT = timedelta(seconds=2)  # enough to be told what has ended
FindId = Annotated[str, Path(pattern=ids.FIND_ID_PATTERN, examples=[FIND], description="The search.")]

router = APIRouter(prefix="/api/pictures", tags=["pictures"])


class Answer(BaseModel):
    """A search, and what it came to."""

    matches: list[Match] = Field(description="The best first: what looks most alike.")
    transfer_id: str | None = Field(description="The question to designers, where nothing was found.")
    refused: str = Field(description="Why the picture could not be looked at, in words the customer may read.")
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
    await sources.check(request, asked)
    asked.shared_only = asked.shared_only or not scopes.is_bot(who)  # an agent may name anybody as its customer
    key = idempotency_key or (f"event {asked.event_id}" if asked.event_id else None)
    find_id = await once.start(request, who, key, _Wanted(request, asked))
    return await _answer(request, response, find_id, TIMEOUT)


@router.get("/find/{find_id}", responses=NOT_YET | problems(*OF_ANY_CALLER, S.NOT_FOUND))
async def read_search(request: Request, response: Response, _: Caller, find_id: FindId) -> Answer:
    """Return what a search came to."""
    return await _answer(request, response, find_id, READ_TIMEOUT)


async def _answer(request: Request, response: Response, find_id: str, patience: timedelta) -> Answer:
    """Wait for a search, and say so where it takes longer. Raises NoSuchOrder, MalformedRequest, ConnectionError."""
    found = await finding.answer(await request.state.temporal.client(), find_id, patience)
    if found is None:
        response.status_code = S.ACCEPTED
    response.headers["Location"] = f"/api/pictures/find/{find_id}"
    is_done, found = found is not None, found or Found()
    refused = request.state.phrases.said(found.refused)
    return Answer(
        find_id=find_id, is_done=is_done, matches=found.matches, transfer_id=found.transfer_id, refused=refused
    )


class _Wanted:
    """One search on its way to Temporal."""

    kind = "searches"

    def __init__(self, request: Request, asked: FindRequest) -> None:
        self._state = request.state
        self._asked = asked
        self.fingerprint = sha256(asked.model_dump_json().encode()).hexdigest()

    def new_id(self) -> str:
        """Return a fresh id for the search."""
        return finding.new_find_id(self._state.timezone)

    def workflow_id(self, name: str) -> str:
        """Return the id of its workflow."""
        return ids.find_workflow_id(name)

    async def start(self, name: str, *, must_be_new: bool) -> str:
        """Start it under an id that no other search has, since that one's answer may be another customer's."""
        client = await self._state.temporal.client()
        await finding.start(client, name, self._asked, must_be_new=must_be_new)
        return name

    def started(self, name: str) -> str:
        """Return the id of a search that has ended."""
        return name
