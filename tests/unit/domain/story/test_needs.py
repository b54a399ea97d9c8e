"""What an order needs of staff: each kind, its time, and when it is met."""

from datetime import timedelta

import pytest

from domain.order.order import Order
from domain.story import consequences, needs
from domain.texts.catalogue import LANGUAGES, TEXTS, Language
from domain.texts.phrase import said
from domain.vocabulary.needs import Need, NeedKind
from domain.vocabulary.pictures import Feasibility
from tests.unit.domain.making import (
    NOW,
    accepted_order,
    customer_says,
    en,
    examine,
    failed_order,
    give_up,
    later,
    new_order,
    pass_time,
    quoted_order,
    send,
    shown_order,
    working_order,
)

HOUR = 3600
K = NeedKind


def needed(order: Order) -> list[tuple[str, str]]:
    return [(need.kind, en(need.why)) for need in needs.of(order)]


def only(order: Order) -> Need:
    (need,) = needs.of(order)
    return need


@pytest.mark.parametrize("order", [new_order(), quoted_order(), working_order(), shown_order(), accepted_order()])
def test_an_order_that_goes_well_needs_nobody(order: Order) -> None:
    consequences.apply_rules(order, NOW)
    assert (needs.of(order), order.needs_since) == ([], {})


def held() -> Order:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="3.00")
    return order


def risky() -> Order:
    order = new_order()
    examine(order, order.live[0], risk="high")
    consequences.apply_rules(order, NOW)
    return order


def unpriced() -> Order:
    order = new_order()
    examine(order, order.live[0], feasible=Feasibility(possible=False, reason="hand lettering"))
    consequences.apply_rules(order, NOW)
    return order


def cancelled() -> Order:
    order = working_order()
    send(order, "cancel_requested", requested_by="staff", reason="店里做不了")
    return order


def at_a_loss_for_a_designer() -> Order:
    order = working_order()
    give_up(order, order.live[0])
    consequences.apply_rules(order, NOW)
    return order


def complaining() -> Order:
    order = shown_order()
    customer_says(order, "我要投诉")
    return order


def refused_address() -> Order:
    order = accepted_order()
    order.email_status, order.refused_email = "refused", order.email
    consequences.apply_rules(order, NOW)
    return order


def stopped() -> Order:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="18.00")
    order.live[0].stopped = said("error.cost_limit_reached")
    consequences.apply_rules(order, NOW)
    return order


def unseen() -> Order:
    order = new_order()
    order.live[0].look_failed = said("error.picture_unreachable")
    consequences.apply_rules(order, NOW)
    return order


def unshipped() -> Order:
    order = working_order()
    pass_time(order, later(36 * HOUR))
    return order


CASES = {
    K.PAYMENT: held, K.RISK: risky, K.PRICE: unpriced, K.REFUND: cancelled, K.DESIGNER: at_a_loss_for_a_designer,
    K.ANSWER: complaining, K.LETTER: refused_address, K.RESUME: stopped, K.LOOK: unseen, K.SHIPPING: unshipped,
    K.FAILED: failed_order,
}  # fmt: skip


@pytest.mark.parametrize("kind", K)
def test_each_kind_of_need_is_told_with_its_reason(kind: NeedKind) -> None:
    order = CASES[kind]()
    need = only(order)
    assert need.kind is kind
    assert need.since is not None
    assert en(need.why) or kind is K.SHIPPING


def test_a_deadline_stands_where_something_happens_by_itself() -> None:
    due = {kind: only(make()).due_at for kind, make in CASES.items()}
    assert {kind for kind, at in due.items() if at} == {K.PAYMENT, K.RISK, K.SHIPPING}
    assert due[K.PAYMENT] == due[K.RISK] == NOW + timedelta(minutes=30)
    assert due[K.SHIPPING] == NOW + timedelta(hours=48)


def test_the_most_urgent_need_comes_first() -> None:
    order = held()
    order.live[0].look_failed = said("error.picture_unreachable")
    assert [need.kind for need in needs.of(order)] == [K.PAYMENT, K.LOOK]


def test_a_need_keeps_its_time_until_it_is_met() -> None:
    order = held()
    send(order, "customer_message", later(60), text="在吗")
    assert only(order).since == NOW
    send(order, "processing_resumed", later(120), reason="核对过了")
    assert (needs.of(order), order.needs_since) == ([], {})


def test_a_need_of_one_picture_names_it() -> None:
    order = quoted_order(2)
    order.live[1].look_failed = said("error.picture_unreachable")
    assert only(order).task_id == order.live[1].task_id


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_has_a_name_and_a_consequence(language: Language) -> None:
    texts = TEXTS[language].texts
    assert [kind for kind in K if not texts.get(f"need.{kind}") or not texts.get(f"need_then.{kind}")] == []
