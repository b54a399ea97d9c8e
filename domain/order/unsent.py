"""Pending messages and notices: a newer one replaces an older one on the same matter, and repeats are dropped."""

from collections.abc import Sequence
from functools import reduce

from domain.bounds import budgets
from domain.vocabulary.trail import Notice, Outgoing

MANY = "staff_many_notices"
# Messages about the price: first told, changed, or unchanged although the request changed.
FIRST, CHANGED, SAME = "quote_hint", "quote_changed_hint", "quote_same_hint"
PRICES = {FIRST, CHANGED, SAME}


def merge_messages(outbox: Sequence[Outgoing]) -> list[Outgoing]:
    """Return the messages to the customer without repeats; of several prices only the last one."""
    return reduce(_with_message, outbox, [])


def merge_notices(notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices to staff without repeats; if they are too large, the last one says that there are more.

    The first ones keep their places: they may be being sent.
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
    """Return the new price worded for a customer who was never told the old one."""
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
