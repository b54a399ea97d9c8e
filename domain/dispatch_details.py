"""What the Temporal Web UI shows of a dispatch, in Markdown."""

from zoneinfo import ZoneInfo

from domain import details, dispatch_deadlines
from domain.dispatch import DispatchState
from domain.rules import DesignerRules


def waits_for(state: DispatchState) -> str:
    """Say in one phrase what a dispatch waits for."""
    reasons = {
        "nothing: it is over": state.is_closed,
        "what it works with, the dispatch system or the records, to be there again": state.is_in_trouble,
        "its task to be closed": state.closing,
        "the customer's word": state.is_shown,
        "somebody to hand the finished picture in": state.is_by_hand or state.is_finished_there,
        "a designer to come online": state.is_nobody_there,
        f"{state.designer} to finish it": state.designer,
    }
    return next((reason for reason, holds in reasons.items() if holds), "a designer")


def markdown(state: DispatchState) -> str:
    """Tell the whole dispatch in Markdown."""
    request, zone = state.request, ZoneInfo((state.rules or DesignerRules()).timezone)
    head = [
        f"## {request.task_id} at the designers'",
        f"Waits for **{waits_for(state)}**.",
        "",
        f"Customer `{request.customer_id}` {request.customer_name} at shop `{request.acc_id}`: {request.reason}",
        f"Task `{state.dispatch_task_id or '-'}` of the dispatch system, designer **{state.designer or '-'}**",
    ]
    if deadline := dispatch_deadlines.next_deadline(state):
        head.append(f"Next deadline: {deadline[1]}, {deadline[0].astimezone(zone):%m-%d %H:%M}")
    return "\n".join([*head, "", "### What happened", *(details.line(entry, zone) for entry in state.journal)])
