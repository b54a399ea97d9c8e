"""The queue of the board: the time that is left, late designers, and the order of the cards."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.texts.phrase import said
from domain.vocabulary.needs import Need, NeedKind
from domain.vocabulary.rules import DesignerRules, ShopRules
from gateway.staff_board import needs

RULES, DESIGNERS = ShopRules(), DesignerRules()
NIGHT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai: the shop opens in seven hours
DAY = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
K = NeedKind


def row(name: str, *found: Need, high_value: bool = False, created_at: datetime = DAY) -> dict[str, Any]:
    listed = [need.model_dump(mode="json", exclude_defaults=True) for need in found]
    return {"order_id": name, "needs": listed, "high_value": high_value, "created_at": created_at}


def need(kind: NeedKind, due_in: timedelta | None = None, since: datetime = DAY, now: datetime = DAY) -> Need:
    return Need(kind=kind, since=since, due_at=due_in and now + due_in)


def test_the_time_that_is_left_is_that_of_the_shop() -> None:
    due = need(K.PAYMENT, timedelta(hours=8), now=NIGHT)
    (shown,) = needs.shown(row("A", due), "en", RULES, NIGHT)
    assert shown.left == timedelta(hours=1)


def test_the_platform_does_not_wait_for_the_shop() -> None:
    (shown,) = needs.shown(row("A", need(K.SHIPPING, timedelta(hours=8), now=NIGHT)), "en", RULES, NIGHT)
    assert shown.left == timedelta(hours=8)


def test_a_deadline_of_the_platform_that_has_passed_is_no_longer_a_need() -> None:
    assert needs.shown(row("A", need(K.SHIPPING, timedelta(hours=-1))), "en", RULES, DAY) == []


def test_a_need_says_what_happens_if_nobody_acts() -> None:
    failed = Need(kind=K.FAILED, task_id="TASK_1_2", why=said("reason.no_designer_in_time"))
    (shown,) = needs.shown(row("A", failed), "en", RULES, DAY)
    assert (shown.name, shown.number, shown.left) == ("Mend a failed picture", "2", None)
    assert shown.why
    assert "until somebody acts" in shown.consequence


def test_the_most_urgent_order_comes_first_then_high_value_then_the_longest_wait() -> None:
    rows = [
        row("old", need(K.FAILED, since=DAY - timedelta(days=2))),
        row("new", need(K.FAILED, since=DAY - timedelta(days=1))),
        row("dear", need(K.FAILED, since=DAY), high_value=True),
        row("due later", need(K.RISK, timedelta(minutes=20))),
        row("due soon", need(K.PAYMENT, timedelta(minutes=10))),
        row("nothing"),
    ]
    cards = needs.cards(rows, {}, "zh", RULES, DAY)
    assert [card.order["order_id"] for card in cards] == ["due soon", "due later", "dear", "old", "new"]


def test_a_late_designer_is_a_need_of_the_order() -> None:
    opened = {"order_id": "A", "task_id": "TASK_1_1", "designer": "橘子", "opened_at": DAY, "assigned_at": DAY}
    assert needs.late([opened], DESIGNERS, DAY + timedelta(hours=3)) == {}
    later = DAY + timedelta(hours=5)
    lateness = needs.late([opened], DESIGNERS, later)
    (card,) = needs.cards([row("A")], lateness, "zh", RULES, later)
    assert [(one.kind, one.why) for one in card.needs] == [(K.DESIGNER, "设计师橘子已超时")]
    assert card.needs[0].due_at == DAY + timedelta(hours=34)  # 24 hours of work: 11 today, 13 tomorrow


def test_a_picture_without_a_designer_is_not_told_twice() -> None:
    found = row("A", Need(kind=K.DESIGNER, task_id="TASK_1_1"))
    opened = {"order_id": "A", "task_id": "TASK_1_1", "designer": "", "opened_at": DAY, "assigned_at": None}
    later = DAY + timedelta(hours=5)
    (card,) = needs.cards([found], needs.late([opened], DESIGNERS, later), "zh", RULES, later)
    assert len(card.needs) == 1
