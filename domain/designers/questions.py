"""Questions to designers, which have no order: their results, and the answer to the customer."""

from datetime import datetime

from domain.attempts.work import Adopted, RefusedMessage, Reported
from domain.bounds import budgets
from domain.designers.dispatch import DesignerAnswer, DispatchState
from domain.designers.telling import note, report_orphaned_result, send, tell_staff
from domain.order.messages import DesignerFinished
from domain.texts.phrase import Said
from domain.vocabulary.trail import Outgoing


def add_result(state: DispatchState, result: DesignerFinished, now: datetime) -> None:
    """Queue a designer's result; the first usable one becomes the answer."""
    if budgets.sizes([*state.results, result]) > budgets.OFFERED:
        report_orphaned_result(state, result.result_url or result.result_key or result.notes, now)
        return
    state.results.append(result)
    if state.closing:
        hand_rest_to_staff(state, now)


def answer(state: DispatchState, result: DesignerFinished, made: Adopted | None, now: datetime) -> None:
    """Answer the customer with the designer's text and image, and end the question.

    Does nothing if the question was cancelled while the image was fetched: then staff have the result.
    """
    if result not in state.results:
        return
    notes = result.notes
    state.results.remove(result)
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
    hand_rest_to_staff(state, now)


def reject_result(state: DispatchState, result: DesignerFinished, reason: Said, now: datetime) -> None:
    """Report an unusable result to staff, unless they have it already; the question stays open for another."""
    if result not in state.results:
        return
    state.results.remove(result)
    tell_staff(state, "staff_result_unusable", now, source=state.designer or "designer", reason=reason)


def hand_rest_to_staff(state: DispatchState, now: datetime) -> None:
    """Report to staff the results that arrived after the answer, or after the question was closed."""
    for late in state.results:
        report_orphaned_result(state, late.result_url or late.result_key or late.notes, now)
    state.results = []


def undelivered(outbox: list[Outgoing], reason: Said) -> Reported:
    """Return messages that a bug kept from the customer; some of them may have been sent."""
    names = [message.phrase or message.kind for message in outbox]
    return Reported(refused=[RefusedMessage(message_id=outbox[0].message_id, words=", ".join(names), reason=reason)])


def report_undelivered(state: DispatchState, reported: Reported | None, now: datetime) -> None:
    """Tell staff of messages that the chat bot rejected permanently, so that they pass them on."""
    for one in reported.refused if reported else []:
        note(state, "message_refused", now, message_id=one.message_id, words=one.words, reason=one.reason)
        tell_staff(state, "staff_message_refused", now, words=one.words, reason=one.reason)
