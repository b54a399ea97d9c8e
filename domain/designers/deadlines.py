"""Designers' deadlines: to accept a task, to finish it, and until it counts as failed."""

from datetime import datetime, timedelta

from domain.designers.dispatch import DispatchState
from domain.designers.telling import note, say, tell_order, tell_staff
from domain.order import hours
from domain.vocabulary.rules import DesignerRules

LEASE, LATE, GIVEN_UP = "lease", "late", "given_up"


def next_deadline(state: DispatchState) -> tuple[datetime, str] | None:
    """Return the next deadline and its name; None while the customer has to reply."""
    return min(_deadlines(state), default=None)


def expire_due(state: DispatchState, now: datetime) -> None:
    """Apply every deadline that is due."""
    due = {name for moment, name in _deadlines(state) if moment <= now}
    if LEASE in due:
        state.is_lease_over = True
        note(state, "lease_ended", now, designer=state.designer)
    if LATE in due:
        state.is_late_told = True
        tell_staff(state, "staff_designer_late", now, hours=f"{_rules(state).deadline_hours:g}")
    if GIVEN_UP in due:
        _give_up(state, now)


def _give_up(state: DispatchState, now: datetime) -> None:
    """Give up: an order's picture waits for staff; a question is closed and its customer told."""
    state.is_given_up = True
    is_question = state.request.order_id is None
    phrase = "staff_question_gave_up" if is_question else "staff_designer_gave_up"
    tell_staff(state, phrase, now, hours=f"{_rules(state).give_up_hours:g}")
    tell_order(state, now, standing="given_up")
    if is_question:
        say(state, "designer_no_answer", now)
        state.closing = "dispatch_withdrawn"


def _deadlines(state: DispatchState) -> list[tuple[datetime, str]]:
    if state.closing or state.is_shown or state.results:
        return []
    rules, known = _rules(state), []
    is_leased = state.assigned_at and not (state.is_accepted or state.is_lease_over or state.is_given_up)
    if rules.is_acceptance_told and state.assigned_at and is_leased:
        lease = timedelta(minutes=rules.lease_minutes)
        known.append((hours.add_open_hours(state.assigned_at, lease, rules), LEASE))
    if not state.is_late_told:
        known.append((hours.add_open_hours(state.work_since, timedelta(hours=rules.deadline_hours), rules), LATE))
    if not state.is_given_up:
        known.append((hours.add_open_hours(state.work_since, timedelta(hours=rules.give_up_hours), rules), GIVEN_UP))
    return known


def _rules(state: DispatchState) -> DesignerRules:
    return state.rules or DesignerRules()
