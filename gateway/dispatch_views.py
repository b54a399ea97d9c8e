"""Response models of dispatches to designers."""

from pydantic import BaseModel, Field

from domain.designers import details
from domain.designers.dispatch import DesignerAnswer, DispatchState
from domain.texts.catalogue import TEXTS
from gateway.views import JournalLine, Views


class AnswerView(BaseModel):
    """A designer's answer."""

    notes: str = Field(description="Text of the answer.")
    preview_url: str | None = Field(default=None, description="Preview that the customer was shown.")
    picture_url: str | None = Field(default=None, description="Full picture.")


class DispatchView(BaseModel):
    """The state of a dispatch."""

    task_id: str = Field(description="Task id of the picture, or id of the question.")
    order_id: str | None = Field(description="Order of the picture; null for a question.")
    customer_id: str
    acc_id: str
    reason: str
    waits_for: str = Field(description="What the dispatch waits for, as text.")
    designer: str = Field(description="Assigned designer; empty if there is none.")
    dispatch_task_id: str = Field(description="Task id in the dispatch system; empty without one.")
    is_over: bool
    answer: AnswerView | None = Field(default=None, description="Answer to a question, once there is one.")
    workflow_url: str = Field(description="URL in the Temporal Web UI.")
    journal: list[JournalLine] = Field(description="Latest journal lines.")


def view(state: DispatchState, show: Views) -> DispatchView:
    """Return the view of a dispatch."""
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
