"""What orders need of staff, as the board shows it: in words, with the time that is left, the most urgent first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.order import hours
from domain.order.staff_acts import Action
from domain.texts.catalogue import TEXTS, Language
from domain.texts.phrase import said
from domain.vocabulary.needs import Need, NeedKind
from domain.vocabulary.rules import DesignerRules, ShopRules
from gateway.staff_board.offers import ANSWERS

OF_THE_PLATFORM = {NeedKind.SHIPPING}  # deadlines that run while the shop is closed


@dataclass(frozen=True)
class Shown:
    """A need of an order in the reader's language."""

    kind: NeedKind
    task_id: str
    name: str
    why: str
    consequence: str
    since: datetime | None
    due_at: datetime | None
    left: timedelta | None  # in shop hours; zero once it is over

    @property
    def number(self) -> str:
        """The number of its picture; empty if it is about the whole order."""
        return self.task_id.rpartition("_")[2]


@dataclass(frozen=True)
class Card:
    """An order in a list, with what it needs."""

    order: Mapping[str, Any]
    needs: Sequence[Shown]

    @property
    def usual(self) -> Action | None:
        """The usual answer to its first need; None if nothing can be done here."""
        return next((action for need in self.needs[:1] for action in ANSWERS[need.kind]), None)

    @property
    def urgency(self) -> tuple[bool, float, bool, datetime]:
        """Sorts by the next deadline, then high value, then the longest wait."""
        due = min((need.due_at for need in self.needs if need.due_at), default=None)
        since = min((need.since for need in self.needs if need.since), default=self.order["created_at"])
        return due is None, due.timestamp() if due else 0, not self.order["high_value"], since


def shown(row: Mapping[str, Any], language: Language, rules: ShopRules, now: datetime) -> list[Shown]:
    """Return the needs in a row. A deadline of the platform that has passed is over: there is nothing to do."""
    found = [Need.model_validate(need) for need in row["needs"]]
    current = [need for need in found if not (need.kind in OF_THE_PLATFORM and need.due_at and need.due_at <= now)]
    return [_shown(need, language, rules, now) for need in current]


def late(dispatches: Iterable[Mapping[str, Any]], rules: DesignerRules, now: datetime) -> dict[str, list[Need]]:
    """Return by order the pictures whose designer is late; they fail once the designers' last deadline passes."""
    found: dict[str, list[Need]] = {}
    for row in dispatches:
        begun = row["assigned_at"] or row["opened_at"]
        due = hours.add_open_hours(begun, timedelta(hours=rules.deadline_hours), rules)
        if due <= now:
            last = hours.add_open_hours(begun, timedelta(hours=rules.give_up_hours), rules)
            why = said("need_why.designer_late", designer=row["designer"])
            need = Need(kind=NeedKind.DESIGNER, task_id=row["task_id"], why=why, since=due, due_at=last)
            found.setdefault(row["order_id"], []).append(need)
    return found


def cards(
    rows: Iterable[Mapping[str, Any]],
    lateness: Mapping[str, Sequence[Need]],
    language: Language,
    rules: ShopRules,
    now: datetime,
) -> list[Card]:
    """Return the orders that need staff, the most urgent first."""
    found = []
    for row in rows:
        needs = shown(row, language, rules, now)
        known = {(need.kind, need.task_id) for need in needs}
        needs += [
            _shown(need, language, rules, now)
            for need in lateness.get(row["order_id"], ())
            if (need.kind, need.task_id) not in known
        ]
        if needs:
            found.append(Card(row, needs))
    return sorted(found, key=lambda card: card.urgency)


def _shown(need: Need, language: Language, rules: ShopRules, now: datetime) -> Shown:
    texts, left = TEXTS[language], None
    if need.due_at:
        is_of_platform = need.kind in OF_THE_PLATFORM
        left = max(need.due_at - now, timedelta()) if is_of_platform else hours.open_time(now, need.due_at, rules)
    return Shown(
        kind=need.kind,
        task_id=need.task_id,
        name=texts.name("need", need.kind),
        why=texts.say(need.why),
        consequence=texts.name("need_then", need.kind),
        since=need.since,
        due_at=need.due_at,
        left=left,
    )
