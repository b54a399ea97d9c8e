"""The details of a dispatch in the Temporal Web UI, in Markdown."""

from zoneinfo import ZoneInfo

from domain.designers import deadlines
from domain.designers.dispatch import DispatchState
from domain.order import journal
from domain.texts.catalogue import TEXTS, Language
from domain.texts.escaping import literal, markdown_lines
from domain.texts.phrase import Said, said
from domain.vocabulary.rules import DesignerRules


def waits_for(state: DispatchState) -> Said:
    """Return what a dispatch waits for, as a phrase."""
    reasons = {
        "over": state.is_closed,
        "outside": state.is_in_trouble,
        "closing": state.closing,
        "customer": state.is_shown,
        "result": state.is_by_hand or state.is_finished_there,
        "designer_online": state.is_nobody_there,
        "designer_at_work": state.designer,
    }
    reason = next((reason for reason, holds in reasons.items() if holds), "designer")
    return said(f"waits.{reason}", designer=state.designer if reason == "designer_at_work" else "")


def markdown(state: DispatchState, language: Language | None = None, lines: journal.Lines | None = None) -> str:
    """Return the dispatch as Markdown, in the staff's language unless `language` is given.

    `lines` keeps what was rendered.
    """
    language = language or state.language
    request, zone = state.request, ZoneInfo((state.rules or DesignerRules()).timezone)

    def line(key: str, **values: object) -> str:
        return TEXTS[language].tell(f"details.{key}", values, literal)

    head = [
        f"## {line('dispatch', task=request.task_id)}",
        line("waits", what=waits_for(state)),
        "",
        line("customer", customer=request.customer_id, name=request.customer_name, shop=request.acc_id),
        line("why", reason=request.because or "-"),
        line("dispatch_task", task=state.dispatch_task_id or "-", designer=state.designer),
    ]
    if deadline := deadlines.next_deadline(state):
        head.append(line("next", deadline=deadline[1], at=f"{deadline[0].astimezone(zone):%m-%d %H:%M}"))
    story = (lines or journal.Lines()).of(state.journal, zone, language)
    return markdown_lines([*head, "", f"### {line('story')}", *story])
