"""Questions to designers, which have no order: what their customer is told, and when they are over."""

from datetime import datetime

from domain.dispatch import DesignerAnswer, DispatchState
from domain.dispatch_telling import SHOWN, note, send, tell_staff
from domain.work import Adopted


def answered(state: DispatchState, made: Adopted | None, now: datetime) -> None:
    """Tell the customer of a question what the designer says, and show what they made; then it is done."""
    assert state.result is not None
    notes, state.result = state.result.notes, None
    state.answer = DesignerAnswer(notes=notes)
    if made:
        state.answer.picture_key, state.answer.preview_key = made.file.key, made.preview_key
        send(state, kind="image", image_key=made.preview_key)
    if notes:
        send(state, kind="hint", phrase="designer_answer_hint", fallback="designer_answer", values={"notes": notes})
    else:
        send(state, kind="hint", phrase="designer_result_hint", fallback="designer_result")
    note(state, "answered", now, notes=notes)
    state.closing = state.closing or "dispatch_answered"


def unusable(state: DispatchState, reason: str, now: datetime) -> None:
    """Leave a result that is no picture to staff; the question stays open for another."""
    state.result = None
    tell_staff(state, "staff_result_unusable", now, source=state.designer or "designer", reason=reason[:SHOWN])
