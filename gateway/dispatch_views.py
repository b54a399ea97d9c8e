"""Dispatches to designers as callers of the gateway see them."""

from pydantic import BaseModel, Field

from domain.designers import details
from domain.designers.dispatch import DesignerAnswer, DispatchState
from domain.texts.catalogue import TEXTS
from gateway.views import JournalLine, Views


class AnswerView(BaseModel):
    """What a designer answered."""

    notes: str = Field(description="In words.")
    preview_url: str | None = Field(default=None, description="What the customer was shown.")
    picture_url: str | None = Field(default=None, description="The picture itself.")


class DispatchView(BaseModel):
    """A dispatch as it stands."""

    task_id: str = Field(description="Of the picture, or the question's id.")
    order_id: str | None = Field(description="The order that waits for it; none for a question.")
    customer_id: str
    acc_id: str
    reason: str
    waits_for: str = Field(description="In words.")
    designer: str = Field(description="Who has it; empty where nobody has.")
    dispatch_task_id: str = Field(description="The dispatch system's id; empty where none is set up.")
    is_over: bool
    answer: AnswerView | None = Field(default=None, description="Of a question, once a designer has answered.")
    workflow_url: str = Field(description="Where Temporal's Web UI shows it.")
    journal: list[JournalLine] = Field(description="What happened, the last lines.")


def view(state: DispatchState, show: Views) -> DispatchView:
    """Return a dispatch."""
    request, texts = state.request, TEXTS[show.language]
    return DispatchView(
        task_id=request.task_id,
        order_id=request.order_id,
        customer_id=request.customer_id,
        acc_id=request.acc_id,
        reason=texts.say(request.because),
        waits_for=texts.say(details.waits_for(state)),
        designer=state.designer,
        dispatch_task_id=state.dispatch_task_id,
        is_over=state.is_closed,
        answer=_answer(state.answer, show) if state.answer else None,
        workflow_url=show.workflow_url(state.dispatch_id),
        journal=list(map(show.line, state.journal)),
    )


def _answer(answer: DesignerAnswer, show: Views) -> AnswerView:
    return AnswerView(
        notes=answer.notes, preview_url=show.link(answer.preview_key), picture_url=show.link(answer.picture_key)
    )
