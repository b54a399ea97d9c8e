"""Routes for designers: ask a question without an order, submit results, read the state."""

from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Body, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from domain.bounds.limits import Id, Link, Name, Words
from domain.designers.dispatch import DispatchRequest
from domain.order.messages import CancelRequested, DesignerFinished, Event
from domain.vocabulary import ids
from domain.vocabulary.errors import NotAllowed
from domain.vocabulary.ids import UploadKey
from gateway import once, scopes, sources
from gateway.auth import Caller
from gateway.dispatch_views import DispatchView, view
from gateway.errors import OF_ANY_CALLER, problems
from gateway.once import IdempotencyKey
from starter import designers
from starter.contract.examples import NEW_QUESTION, SIGNAL_EXAMPLES, TRANSFER

S = HTTPStatus
OF_A_DISPATCH = problems(*OF_ANY_CALLER, S.NOT_FOUND, NOT_FOUND="No such dispatch, or it has closed")
DispatchName = Annotated[
    str,
    Path(
        pattern=ids.DISPATCH_PATTERN,
        examples=[TRANSFER],
        description="Task id of a picture, or id of a question; append -2 for its second dispatch.",
    ),
]

router = APIRouter(prefix="/api", tags=["designers"])


class NewQuestion(BaseModel):
    """A question or a task for designers, without an order."""

    customer_id: Id = Field(min_length=1, description="Customer id of the platform; the customer gets the answer.")
    customer_name: Name = Field(default="", description="Customer name.")
    acc_id: Id = Field(default="", description="Shop account that the customer talks to.")
    acc_type: Name = Field(default="AliWorkbench", description="Shop platform.")
    reason: Words = Field(min_length=1, description="The question, or the work to be done.")
    image_key: UploadKey | None = Field(default=None, description="Key of an upload.")
    image_url: Link | None = Field(default=None, description="Or URL of the picture.")


class Asked(BaseModel):
    """A question that was sent to designers."""

    transfer_id: str = Field(description="Id of the question.", examples=[TRANSFER])
    workflow_id: str = Field(description="Workflow id in Temporal.", examples=[ids.dispatch_id(TRANSFER)])
    workflow_url: str = Field(description="URL in the Temporal Web UI.")


class HandedOn(BaseModel):
    """The outcome of an event."""

    workflow_id: str = Field(examples=[ids.dispatch_id(TRANSFER)])
    event_id: str = Field(description="Event id of the sender, or a generated one.", examples=["tuhui-ea853bd9"])
    outcome: Literal["heard"]


@router.post(
    "/dispatches",
    status_code=S.CREATED,
    responses=problems(
        *OF_ANY_CALLER, S.CONFLICT, CONFLICT="The Idempotency-Key was already used for another question"
    ),
)
async def ask_designers(
    request: Request,
    response: Response,
    who: Caller,
    question: Annotated[NewQuestion, Body(openapi_examples={"usual": {"value": NEW_QUESTION}})],
    idempotency_key: IdempotencyKey = None,
) -> Asked:
    """Ask designers a question without an order ("这个能做吗"). The customer and the dispatch get the answer.

    For a picture of an order, send `transfer_requested` to the order instead.
    """
    await sources.check(request, question)
    asked = await once.start(request, who, idempotency_key, _WantedQuestion(request, question))
    response.headers["Location"] = f"/api/dispatches/{asked.transfer_id}"
    return asked


class _WantedQuestion:
    """A question to be started in Temporal."""

    kind = "questions to designers"

    def __init__(self, request: Request, question: NewQuestion) -> None:
        self._state = request.state
        self._question = question
        self.fingerprint = sha256(question.model_dump_json().encode()).hexdigest()

    def new_id(self) -> str:
        """Return a fresh id for the question."""
        return designers.new_transfer_id(self._state.timezone)

    def workflow_id(self, name: str) -> str:
        """Return its workflow id."""
        return ids.dispatch_id(name)

    async def start(self, name: str, *, must_be_new: bool) -> Asked:
        """Start its dispatch."""
        client = await self._state.temporal.client()
        wanted = DispatchRequest(task_id=name, **self._question.model_dump())
        await designers.ask(client, wanted, must_be_new=must_be_new)
        return self.started(name)

    def started(self, name: str) -> Asked:
        """Return the response for the caller."""
        workflow_id = ids.dispatch_id(name)
        return Asked(
            transfer_id=name, workflow_id=workflow_id, workflow_url=self._state.views.workflow_url(workflow_id)
        )


@router.get("/dispatches/{dispatch}", responses=OF_A_DISPATCH)
async def read_dispatch(request: Request, _: Caller, dispatch: DispatchName) -> DispatchView:
    """Return the state of a dispatch, of a question or of an order's picture. A worker must be running."""
    client = await request.state.temporal.client()
    return view(await designers.snapshot(client, ids.dispatch_named(dispatch)), request.state.views)


@router.post("/dispatches/{dispatch}/events/designer_finished", status_code=S.ACCEPTED, responses=OF_A_DISPATCH)
async def finish_dispatch(
    request: Request,
    _: Caller,
    dispatch: DispatchName,
    result: Annotated[
        DesignerFinished, Body(openapi_examples={"usual": {"value": SIGNAL_EXAMPLES["designer_finished"]}})
    ],
) -> HandedOn:
    """Submit a designer's result; a question can be answered with `notes` alone."""
    if not (result.result_url or result.result_key or result.notes):
        fault = "give a picture (result_url or result_key) or notes"
        raise RequestValidationError([{"loc": ("body", "result_url"), "msg": fault, "type": "value_error"}])
    return await _hand_on(request, dispatch, "designer_finished", result)


@router.post(
    "/dispatches/{dispatch}/events/cancel_requested",
    status_code=S.ACCEPTED,
    responses=OF_A_DISPATCH,
)
async def cancel_dispatch(
    request: Request,
    who: Caller,
    dispatch: DispatchName,
    wish: Annotated[CancelRequested, Body(openapi_examples={"usual": {"value": SIGNAL_EXAMPLES["cancel_requested"]}})],
) -> HandedOn:
    """Cancel a question or, as staff, the dispatch of an order's picture; the order is informed."""
    scopes.refuse_unfit(who, "cancel_requested", wish)
    if dispatch.startswith("TASK_") and wish.requested_by != "staff":
        raise NotAllowed(
            "only staff can cancel the dispatch of an order's picture; send customers' requests to the order"
        )
    return await _hand_on(request, dispatch, "cancel_requested", wish)


async def _hand_on(request: Request, dispatch: str, signal: str, event: Event) -> HandedOn:
    """Send a signal. Raises NoSuchOrder, RequestValidationError, ConnectionError, TimeoutError."""
    event.event_id = event.event_id or f"api-{uuid4()}"
    await sources.check(request, event)
    dispatch_id = ids.dispatch_named(dispatch)
    await designers.send(await request.state.temporal.client(), dispatch_id, signal, event)
    return HandedOn(workflow_id=dispatch_id, event_id=event.event_id, outcome="heard")
