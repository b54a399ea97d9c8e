"""Routes for picture search: in the library, then by a designer; once per Idempotency-Key."""

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
TIMEOUT = timedelta(seconds=8)  # most searches take less than one
READ_TIMEOUT = timedelta(seconds=2)  # enough to read the result of a finished search
FindId = Annotated[str, Path(pattern=ids.FIND_ID_PATTERN, examples=[FIND], description="Search id.")]

router = APIRouter(prefix="/api/pictures", tags=["pictures"])


class Answer(BaseModel):
    """A search and its result."""

    matches: list[Match] = Field(description="Matches, the most similar first.")
    transfer_id: str | None = Field(description="Question to designers, if nothing was found.")
    refused: str = Field(description="Why the picture could not be used; text for the customer.")
    find_id: str = Field(examples=[FIND])
    is_done: bool = Field(description="false: the search is still running.")


NOT_YET: dict[int | str, dict[str, Any]] = {
    int(S.ACCEPTED): {"model": Answer, "description": "The search is still running; poll `Location`"}
}


@router.post(
    "/find",
    responses=NOT_YET
    | problems(
        *OF_ANY_CALLER, S.NOT_FOUND, S.CONFLICT, CONFLICT="The Idempotency-Key was already used for another search"
    ),
)
async def find_picture(
    request: Request,
    response: Response,
    who: Caller,
    asked: Annotated[FindRequest, Body(openapi_examples={"usual": {"value": SEARCH}})],
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Search the shared pictures and the customer's own; if nothing is found, ask a designer.

    If the response is lost, or is 202 or 503, repeat the request with the same Idempotency-Key or `event_id`: it is the
    same search, and no second designer is asked.
    """
    await sources.check(request, asked)
    asked.shared_only = asked.shared_only or not scopes.is_bot(who)  # an agent may name any customer id
    key = idempotency_key or (f"event {asked.event_id}" if asked.event_id else None)
    find_id = await once.start(request, who, key, _Wanted(request, asked))
    return await _answer(request, response, find_id, TIMEOUT)


@router.get("/find/{find_id}", responses=NOT_YET | problems(*OF_ANY_CALLER, S.NOT_FOUND))
async def read_search(request: Request, response: Response, _: Caller, find_id: FindId) -> Answer:
    """Return the result of a search."""
    return await _answer(request, response, find_id, READ_TIMEOUT)


async def _answer(request: Request, response: Response, find_id: str, wait: timedelta) -> Answer:
    """Wait for a search; answer 202 if it takes longer. Raises NoSuchOrder, MalformedRequest, ConnectionError."""
    found = await finding.answer(await request.state.temporal.client(), find_id, wait)
    if found is None:
        response.status_code = S.ACCEPTED
    response.headers["Location"] = f"/api/pictures/find/{find_id}"
    is_done, found = found is not None, found or Found()
    refused = request.state.phrases.said(found.refused)
    return Answer(
        find_id=find_id, is_done=is_done, matches=found.matches, transfer_id=found.transfer_id, refused=refused
    )


class _Wanted:
    """A search to be started in Temporal."""

    kind = "searches"

    def __init__(self, request: Request, asked: FindRequest) -> None:
        self._state = request.state
        self._asked = asked
        self.fingerprint = sha256(asked.model_dump_json().encode()).hexdigest()

    def new_id(self) -> str:
        """Return a fresh id for the search."""
        return finding.new_find_id(self._state.timezone)

    def workflow_id(self, name: str) -> str:
        """Return its workflow id."""
        return ids.find_workflow_id(name)

    async def start(self, name: str, *, must_be_new: bool) -> str:
        """Start it under an unused id: the result of an existing search may be another customer's."""
        client = await self._state.temporal.client()
        await finding.start(client, name, self._asked, must_be_new=must_be_new)
        return name

    def started(self, name: str) -> str:
        """Return the id of a search that has ended."""
        return name
