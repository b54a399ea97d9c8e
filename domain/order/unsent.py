"""What waits to be said: the newest word on a matter takes the place of the one before it, nothing is said twice."""

from collections.abc import Sequence
from functools import reduce

from domain.bounds import budgets
from domain.vocabulary.trail import Notice, Outgoing

MANY = "staff_many_notices"
# The price as it is told: for the first time, changed, or the same although something else is wanted.
FIRST, CHANGED, SAME = "quote_hint", "quote_changed_hint", "quote_same_hint"
PRICES = {FIRST, CHANGED, SAME}


def merge_messages(outbox: Sequence[Outgoing]) -> list[Outgoing]:
    """Return what is to be said to the customer; of several prices the last one, and nothing twice."""
    return reduce(_with_message, outbox, [])


def merge_notices(notices: Sequence[Notice]) -> list[Notice]:
    """Return what staff are to be told, each once; where it is too much, the last one says that there is more.

    Those at the beginning stay where they are: they may be on their way.
    """
    return reduce(_with_notice, notices, [])


def _with_message(outbox: list[Outgoing], new: Outgoing) -> list[Outgoing]:
    waits = next((old for old in outbox if _is_replaced(old, new)), None)
    if waits is None:
        return [*outbox, new]
    return [*(old for old in outbox if old is not waits), _merged(waits, new)]


def _is_replaced(old: Outgoing, new: Outgoing) -> bool:
    if old.phrase in PRICES and new.phrase in PRICES:
        return True
    return old.kind == new.kind != "image" and (old.phrase, old.values, old.links) == (
        new.phrase,
        new.values,
        new.links,
    )


def _merged(old: Outgoing, new: Outgoing) -> Outgoing:
    """Return the new price as somebody needs to hear it who never heard the old one."""
    if old.phrase == FIRST and new.phrase != FIRST:
        return new.model_copy(update={"phrase": FIRST, "fallback": old.fallback})
    if old.phrase != CHANGED or new.phrase not in {CHANGED, SAME}:
        return new
    before = old.values.get("before", "")
    if before == new.values.get("span"):
        values = {name: value for name, value in new.values.items() if name != "before"}
        return new.model_copy(update={"phrase": SAME, "fallback": SAME.removesuffix("_hint"), "values": values})
    return new.model_copy(
        update={"phrase": CHANGED, "fallback": old.fallback, "values": {**new.values, "before": before}}
    )


def _with_notice(notices: list[Notice], new: Notice) -> list[Notice]:
    if budgets.sizes([*notices, new]) > budgets.NOTICES:
        about = {name: value for name, value in new.values.items() if name in {"order", "customer", "shop"}}
        new = Notice(notice_id=new.notice_id, serial=new.serial, phrase=MANY, values=about)
    is_known = any((old.phrase, old.values, old.files) == (new.phrase, new.values, new.files) for old in notices)
    return notices if is_known else [*notices, new]
