"""The rules of a dispatch: the next step, and how results and signals change its state."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from domain.bounds import budgets
from domain.designers import questions
from domain.designers.dispatch import Assigned, DispatchRequest, DispatchState, Looked, Opened, ToOrder, Watched
from domain.designers.ports import is_same_file
from domain.designers.telling import (
    SHOWN,
    newest_first,
    note,
    report_orphaned_result,
    say,
    send_result_to_order,
    tell_order,
    tell_staff,
)
from domain.order.messages import CancelRequested, DesignerFinished
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import Said, said
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.picture_news import AT_AN_END, PictureNews
from domain.vocabulary.validation import faults

KEPT_IDS = 100
CANCELLED_IN_TEMPORAL = "Temporal"  # as the reason
CLOSINGS = {  # the phrase for designers when the order needs nothing more, by standing
    "accepted": "dispatch_accepted",
    "cancelled": "dispatch_cancelled",
    "withdrawn": "dispatch_withdrawn",
}


class Step(StrEnum):
    """The next step of a dispatch."""

    OPEN = "open"
    LOOK = "look"
    ASSIGN = "assign"
    WATCH = "watch"
    ANSWER = "answer"
    CLOSE = "close"
    REST = "rest"
    END = "end"


def open_dispatch(dispatch_id: str, request: Any, now: datetime) -> DispatchState:
    """Create the state of a dispatch from its workflow's input. Raises MalformedRequest, naming the invalid field."""
    try:
        read = DispatchRequest.model_validate(request)
    except ValidationError as error:
        raise MalformedRequest(f"invalid dispatch request: {faults(error)}") from error
    state = DispatchState(dispatch_id=dispatch_id, request=read, work_since=now, news=read.news)
    note(state, "opened", now, reason=read.because)
    return state


def next_step(state: DispatchState) -> Step:
    """Return the next step; a running step that is no longer the next one is cancelled."""
    steps = {
        Step.END: state.is_closed,
        Step.CLOSE: state.closing,
        Step.ANSWER: state.results,
        Step.REST: state.is_shown or state.is_by_hand or state.is_finished_there,  # until a signal arrives
        Step.OPEN: state.rules is None,
        Step.LOOK: state.is_look_due,
        Step.ASSIGN: not (state.designer or state.is_accepted) or not state.is_wish_told or state.is_lease_over,
    }
    return next((step for step, holds in steps.items() if holds), Step.WATCH)


# ---- results of its steps -----------------------------------------------------------------------------------------


def on_opened(state: DispatchState, answer: Opened, now: datetime) -> None:
    """Handle the creation of the task, or that no dispatch system is configured."""
    state.rules, state.dispatch_task_id = answer.rules, answer.dispatch_task_id
    state.is_by_hand = not answer.dispatch_task_id
    if state.is_by_hand and not state.closing:
        tell_staff(state, "staff_designer_by_hand", now)
        say(state, "designer_asked", now)
        tell_order(state, now, standing="by_hand")


def on_looked(state: DispatchState, answer: Looked, now: datetime) -> None:
    """Handle the state of a task before a revision: a result it already holds does not answer the new wish."""
    state.is_look_due = False
    if answer.is_finished:
        _end_with_task(state, now)
    elif answer.result_url:
        if state.known_result and not is_same_file(answer.result_url, state.known_result):
            note(state, "result_passed_over", now, reason=said("reason.came_before_wish"))
        state.known_result = answer.result_url


def _end_with_task(state: DispatchState, now: datetime) -> None:
    """End the dispatch with its task, which cannot be assigned again; the order begins a new dispatch."""
    state.is_finished_there, state.closing = True, CLOSINGS["accepted"]
    tell_order(state, now, standing="over")


def on_assigned(state: DispatchState, answer: Assigned, now: datetime, wish: str = "") -> None:
    """Handle who has the task and which wish they were told; a newer wish may have arrived meanwhile."""
    if answer.is_over:
        _end_with_task(state, now)
        return
    if not (answer.designer or answer.is_accepted):
        _nobody_available(state, now)
        return
    if state.closing:  # cancelled meanwhile: closing the task tells its designer
        state.designer = answer.designer or state.designer
        return
    before, was_told = state.designer, state.is_wish_told
    is_first = not before and not state.had_it
    state.is_nobody_there = state.is_lease_over = False
    state.designer, state.is_accepted, state.assigned_at = answer.designer, answer.is_accepted, now
    state.is_wish_told = was_told or wish == state.wish
    if answer.designer in state.had_it:  # everybody had a turn: the others may get it again
        state.had_it = []
    if answer.designer != before:
        _remember_holder(state, before)
        tell_staff(state, "staff_designer_assigned", now)
    elif wish and not was_told:
        tell_staff(state, "staff_designer_revision", now, wish=wish[:SHOWN])
    if answer.is_away:
        tell_staff(state, "staff_designer_away", now)
    if is_first:
        say(state, "designer_assigned", now)
    tell_order(state, now, standing="assigned")


def _remember_holder(state: DispatchState, designer: str) -> None:
    """Remember a designer who had the task; of too many, the last ones are kept."""
    names = [*reversed(state.had_it)]
    state.had_it = budgets.first([designer, *names] if designer else names, budgets.HAD_IT)[::-1]


def _nobody_available(state: DispatchState, now: datetime) -> None:
    if not state.is_nobody_there:
        state.is_nobody_there = True
        tell_staff(state, "staff_nobody_online", now)
        say(state, "designer_asked", now)
        tell_order(state, now, standing="nobody_there")


def on_watched(state: DispatchState, answer: Watched, now: datetime) -> None:
    """Handle a task that was accepted, has a result or is finished; a finished one takes no revision."""
    if answer.is_unchanged:
        return
    state.is_accepted = True
    state.is_finished_there = answer.is_finished
    if answer.is_finished and state.news.standing == "shown":  # another result was shown at the same moment
        state.closing = CLOSINGS["accepted"]
    if answer.is_finished or not answer.result_url:
        tell_order(state, now, standing="finished" if answer.is_finished else "accepted")
    if answer.result_url:
        state.known_result = answer.result_url
        on_finished(state, DesignerFinished(result_url=answer.result_url), now)
    elif answer.is_finished:
        tell_staff(state, "staff_designer_result_wanted", now)


def on_trouble(state: DispatchState, reason: Said, now: datetime) -> None:
    """Tell staff once that the dispatch system or the database fails; the step is retried until it works."""
    if not state.is_in_trouble:
        state.is_in_trouble = True
        tell_staff(state, "staff_dispatch_trouble", now, error=reason)


def on_closed(state: DispatchState, now: datetime) -> None:
    """Handle that the task is closed and nothing is left to do."""
    state.is_closed = True
    note(state, "closed", now, closing=state.closing)


# ---- signals -------------------------------------------------------------------------------------------------


def handle_signal(state: DispatchState, signal: str, payload: Any, now: datetime) -> None:
    """Handle a signal; staff are told of an invalid one, since its sender needs fixing."""
    kind, take = SIGNALS[signal]
    try:
        message = kind.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "payload"
        tell_staff(state, "staff_unreadable", now, signal=signal, reason=said("unreadable.field", field=field))
        return
    if _is_new(state, f"{signal}:{getattr(message, 'event_id', '')}"):
        take(state, message, now)


def _is_new(state: DispatchState, event: str) -> bool:
    """Whether an event is new; one without an id always is."""
    if ids.digest(event) in state.seen or event in state.seen:  # earlier versions kept undigested ids
        return False
    if not event.endswith(":"):
        state.seen = [*state.seen, ids.digest(event)][-KEPT_IDS:]
    return True


def on_picture_changed(state: DispatchState, news: PictureNews, now: datetime) -> None:
    """Handle a change of the picture: it is wanted (again), shown to the customer, or needs nothing more."""
    before, state.news = state.news, news
    if news.standing in AT_AN_END:
        state.closing = CLOSINGS[news.standing]
    elif news.standing == "wanted":
        _reopen(state, before, now)
    else:
        state.is_shown = True
        if state.is_finished_there:  # the next revision needs a new task
            state.closing = CLOSINGS["accepted"]


def _reopen(state: DispatchState, before: PictureNews, now: datetime) -> None:
    """Reopen the dispatch: for a revision, because the result was not an image, or because it was late."""
    news, was_given_up = state.news, state.is_given_up
    is_revision = news.round > before.round
    is_asked = is_revision or news.asked > before.asked
    state.is_look_due = state.is_look_due or (is_asked and state.is_shown and not state.is_by_hand)
    state.is_shown = state.is_late_told = state.is_given_up = False
    state.work_since = now
    if is_asked:  # its designer must be told why; if staff assign it, they are told below
        state.wish = news.wish if is_revision else TEXTS["zh"].say(news.why)
        state.is_wish_told = state.is_by_hand or not state.wish
    if was_given_up and state.designer and not is_revision:
        _remember_holder(state, state.designer)
        state.designer, state.is_accepted = "", False
    note(state, "wanted_again", now, wish=state.wish)
    if state.is_by_hand and is_asked:
        phrase = "staff_designer_revision_by_hand" if is_revision else "staff_designer_by_hand"
        tell_staff(state, phrase, now, wishes=newest_first([*state.request.wishes, state.wish]))
    if state.is_finished_there and is_asked:
        _end_with_task(state, now)
    elif state.is_finished_there:  # the result was not an image
        tell_staff(state, "staff_designer_result_wanted", now)


def on_finished(state: DispatchState, result: DesignerFinished, now: datetime) -> None:
    """Handle a designer's result: the order shows it; a question is answered with it, or with text alone."""
    note(state, "finished", now, by=state.designer or "designer", notes=result.notes)
    is_question = state.request.order_id is None
    if not (result.result_url or result.result_key or (is_question and result.notes.strip())):
        tell_staff(state, "staff_designer_result_wanted", now)
        return
    if is_question:
        questions.add_result(state, result, now)
        return
    payload = result.model_dump(mode="json", exclude_defaults=True) | {
        "event_id": ids.bounded(f"{state.dispatch_id}-{result.event_id or state.serial}"),
        "task_id": state.request.task_id,
        "dispatch_task_id": state.dispatch_task_id,
    }
    send_result_to_order(state, payload, now)
    state.is_shown = True


def on_cancelled(state: DispatchState, request: CancelRequested, now: datetime) -> None:
    """Cancel the dispatch, and tell its order that no result will come."""
    note(state, "cancelled", now, by=request.requested_by, reason=request.reason)
    state.closing = state.closing or CLOSINGS["withdrawn"]
    questions.hand_rest_to_staff(state, now)
    if state.request.order_id and request.requested_by != "staff":  # its picture fails, and waits for staff
        tell_staff(state, "staff_designer_ended", now, why=request.reason[:SHOWN] or "-")
    tell_order(state, now, standing="ended", reason=request.reason)


def on_order_gone(state: DispatchState, news: ToOrder, now: datetime) -> None:
    """End with the order, which has closed; staff are told of a result that it could not take."""
    state.for_order.remove(news)
    if news.signal == "designer_finished":
        report_orphaned_result(state, news.payload.get("result_url") or news.payload["result_key"], now)
    state.closing = state.closing or CLOSINGS["withdrawn"]


SIGNALS: dict[str, tuple[type[BaseModel], Any]] = {
    "picture_changed": (PictureNews, on_picture_changed),
    "designer_finished": (DesignerFinished, on_finished),
    "cancel_requested": (CancelRequested, on_cancelled),
}
