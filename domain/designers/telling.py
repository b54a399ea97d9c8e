"""What a dispatch sends: notices to staff, messages to a question's customer, signals to its order, journal lines."""

from datetime import datetime
from typing import Any

from domain.bounds import budgets
from domain.designers.dispatch import DispatchState, ToOrder
from domain.order import unsent
from domain.texts.phrase import Value, Values, for_facts
from domain.vocabulary import ids
from domain.vocabulary.trail import JournalEntry, Notice, Outgoing

JOURNAL_LENGTH = 40
SHOWN = 200  # characters of a reason
WISHES_SHOWN = 800  # characters of the wishes, which a designer works from


def tell_staff(state: DispatchState, phrase: str, now: datetime, **values: Value) -> None:
    """Queue a notice to staff, with the customer, the picture and its designer."""
    request = state.request
    about = {
        "order": request.order_id or request.task_id,
        "task": request.task_id,
        "number": request.task_id.rpartition("_")[2],
        "customer": request.customer_name or request.customer_id,
        "shop": request.acc_id or "-",
        "reason": request.because or "-",
        "designer": state.designer or "-",
        "wishes": newest_first(request.wishes) or "-",
        "picture": request.image_url or "-",
        "dispatch_task": state.dispatch_task_id or "-",
    }
    serial = _next_serial(state)
    texts: Values = {**about, **values}
    files = {}
    key = values.get("picture", request.image_key)
    if isinstance(key, str) and ids.is_key(key):  # a link to it is made when the notice is sent
        files["picture"] = key
        del texts["picture"]
    notice_id = f"{state.dispatch_id}-S{serial}"
    notice = Notice(notice_id=notice_id, serial=serial, phrase=phrase, values=texts, files=files)
    state.notices = unsent.merge_notices([*state.notices, notice])
    note(state, "staff_told", now, phrase=phrase)


def newest_first(wishes: list[str]) -> str:
    """Return the wishes in one line, newest first; what is too long is cut at the end."""
    return "; ".join(filter(None, reversed(wishes)))[:WISHES_SHOWN]


def report_orphaned_result(state: DispatchState, made: str, now: datetime) -> None:
    """Tell staff of a result that came too late to be shown."""
    tell_staff(state, "staff_result_orphaned", now, picture=made[:500])


def say(state: DispatchState, phrase: str, now: datetime) -> None:
    """Queue a message to the customer of a question; otherwise the order sends its own."""
    if state.request.order_id is None:
        send(state, kind="text", phrase=phrase)
        note(state, "told", now, phrase=phrase)


def note(state: DispatchState, what: str, now: datetime, *, by: str = "darkroom", **facts: Any) -> None:
    """Add a line to the journal shown in the Web UI."""
    serial = _next_serial(state)
    entry = JournalEntry(
        event_id=f"{state.dispatch_id}-E{serial}", serial=serial, at=now, what=what, by=by, facts=for_facts(facts)
    )
    state.journal = budgets.kept([*state.journal, entry], serial, JOURNAL_LENGTH, budgets.KEPT_JOURNAL)


def tell_order(state: DispatchState, now: datetime, *, standing: str, reason: str = "") -> None:
    """Note the new standing, and signal it to the order if there is one."""
    note(state, standing, now, designer=state.designer)
    if state.request.order_id is None:
        return
    payload = {
        "event_id": ids.bounded(f"{state.dispatch_id}-{state.serial}"),
        "task_id": state.request.task_id,
        "dispatch_id": state.dispatch_id,
        "standing": standing,
        "designer": state.designer,
        "dispatch_task_id": state.dispatch_task_id,
        "reason": reason,
    }
    _queue_for_order(state, ToOrder(signal="dispatch_changed", payload=payload))


def send_result_to_order(state: DispatchState, payload: dict[str, Any], now: datetime) -> None:
    """Queue a designer's result for the order; if too much is queued, tell staff instead."""
    if not _queue_for_order(state, ToOrder(signal="designer_finished", payload=payload)):
        report_orphaned_result(state, payload.get("result_url") or payload["result_key"], now)


def _queue_for_order(state: DispatchState, news: ToOrder) -> bool:
    """Queue a signal for the order; older standings are dropped to make room, except the first in the queue."""
    older = [one for one in state.for_order[1:] if one.signal == "dispatch_changed"]
    while older and budgets.sizes([*state.for_order, news]) > budgets.FOR_ORDER:
        state.for_order.remove(older.pop(0))
    has_room = news.signal == "dispatch_changed" or budgets.sizes([*state.for_order, news]) <= budgets.FOR_ORDER
    if has_room:
        state.for_order.append(news)
    return has_room


def send(state: DispatchState, **message: Any) -> None:
    """Queue a message to the customer."""
    serial = _next_serial(state)
    state.outbox.append(Outgoing(message_id=f"{state.dispatch_id}-M{serial}", serial=serial, **message))


def _next_serial(state: DispatchState) -> int:
    state.serial += 1
    return state.serial
