"""The priorities and queues of steps on pictures."""

import pytest

from domain.order.lineup import LOCAL
from domain.order.order import Order
from domain.order.picture import Choice
from domain.story import consequences
from tests.unit.domain.making import NOW, examine, new_order
from workflows import options
from workflows.options import Step


def order(*, paid: bool = False, high_value: bool = False) -> Order:
    made = new_order()
    examine(made, made.live[0], text_amount="much" if high_value else "none")
    consequences.apply_rules(made, NOW)
    made.paid_at = NOW if paid else None
    assert made.high_value is high_value
    return made


URGENT, PAID, UNPAID = order(paid=True, high_value=True), order(paid=True), order()


@pytest.mark.parametrize("of", [URGENT, PAID, UNPAID])
def test_what_is_nearest_to_the_customer_goes_first(of: Order) -> None:
    keys = [options.priority(of, step).priority_key or 0 for step in (Step.RESULT, Step.MAKING, Step.FIRST_LOOK)]
    assert keys == sorted(set(keys))
    assert all(1 <= key <= options.UNPAID_LOOK for key in keys)


@pytest.mark.parametrize("step", list(Step))
def test_high_value_goes_before_paid_and_paid_before_unpaid(step: Step) -> None:
    keys = [options.priority(of, step).priority_key or 0 for of in (URGENT, PAID, UNPAID)]
    assert keys == sorted(set(keys))


def test_the_last_of_all_is_the_first_look_at_what_nobody_has_paid() -> None:
    assert options.priority(UNPAID, Step.FIRST_LOOK).priority_key == options.UNPAID_LOOK
    others = [options.priority(of, step).priority_key for of in (URGENT, PAID) for step in Step]
    assert options.UNPAID_LOOK not in others


def test_only_pictures_of_the_packaged_networks_wait_for_a_cpu() -> None:
    assert options.queue_for(Choice(provider=LOCAL, model="local"))["task_queue"] == options.PIXELS
    for choice in (Choice(provider="gemini", model="gemini-3-pro-image"), None):
        assert options.queue_for(choice)["task_queue"] == options.IMAGES
    for other in (options.EXAMINE, options.CHECK):
        assert other["task_queue"] == options.IMAGES
