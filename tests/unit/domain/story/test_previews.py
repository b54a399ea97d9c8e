"""What a customer hears while pictures are made."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order.order import Order
from domain.story import deadlines, estimates, previews, progress
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status
from tests.unit.domain.making import NOW, RULES, attempt, give_up, make, phrases, send, working_order

PATIENT = RULES.model_copy(update={"is_start_told": True, "preview_order_seconds": 20})


def waiting_order(pictures: int, rules: ShopRules = PATIENT) -> Order:
    """An order at work, whose customer has heard everything so far."""
    order = working_order(pictures=pictures)
    order.rules = rules
    order.mark_told(order.serial)
    return order


def shown(order: Order) -> list[int]:
    return [message.number for message in order.outbox if message.kind == "image"]


def due(order: Order) -> list[str]:
    """What goes out now."""
    return [message.phrase or message.kind for message in order.outbox if not previews.is_held(order, message)]


@given(st.permutations(range(4)))
def test_previews_go_out_in_the_order_of_the_pictures_whichever_is_made_first(done: list[int]) -> None:
    order = waiting_order(4)
    for place in done:
        make(order, order.pictures[place])
    assert shown(order) == [1, 2, 3, 4]
    assert due(order) == ["image"] * 4 + ["preview_hint"]
    assert order.outbox[-1].values == {"numbers": "1、2、3、4"}


def test_a_preview_waits_for_those_before_it_and_not_for_those_behind_it() -> None:
    order = waiting_order(3)
    make(order, order.pictures[1])
    assert due(order) == []
    make(order, order.pictures[0])
    assert (due(order), shown(order)) == (["image", "image"], [1, 2])


def test_a_preview_waits_no_longer_than_the_rules_say() -> None:
    order = waiting_order(2)
    make(order, order.pictures[1])
    assert deadlines.next_deadline(order) == (NOW + timedelta(seconds=20), "preview_held")
    deadlines.expire_due(order, NOW + timedelta(seconds=20))
    assert due(order) == ["image"]
    assert previews.held_until(order) is None


def test_a_preview_does_not_wait_for_a_picture_that_went_to_a_designer() -> None:
    order = waiting_order(2)
    make(order, order.pictures[1])
    give_up(order, order.pictures[0])
    assert "image" in due(order)


def test_without_a_time_to_wait_a_preview_goes_out_at_once() -> None:
    order = waiting_order(2, RULES)
    make(order, order.pictures[1])
    assert due(order) == ["image"]


def test_the_only_picture_has_no_number() -> None:
    order = waiting_order(1)
    make(order, order.pictures[0])
    assert shown(order) == [0]
    assert order.outbox[-1].values == {}


def paid_order(pictures: int = 1, rules: ShopRules = PATIENT) -> Order:
    order = working_order(pictures=pictures)
    order.rules = rules
    for picture in order.pictures:
        picture.status, picture.started_at = Status.PAID, None
    order.mark_told(order.serial)
    return order


def begin(order: Order) -> None:
    for picture in order.pictures:
        progress.start(order, picture, NOW)


def test_the_customer_hears_once_that_the_work_begins_by_way_of_its_first_step() -> None:
    order = paid_order(3)
    begin(order)
    (word,) = order.outbox
    assert (word.phrase, word.values["count"]) == ("payment_received_hint", "3")
    assert previews.is_held(order, word), "it takes no report of its own"
    along = previews.carried_messages(order, order.pictures[0].task_id)
    assert along
    assert along.outbox == [word]
    assert previews.carried_messages(order, order.pictures[1].task_id) is None


def test_the_work_that_begins_takes_the_word_along_whichever_picture_it_is_on() -> None:
    order = paid_order(2)
    progress.start(order, order.pictures[1], NOW)  # somebody else's result of the first one is fetched meanwhile
    along = previews.carried_messages(order, order.pictures[1].task_id)
    assert along
    assert [message.phrase for message in along.outbox] == ["payment_received_hint"]


def test_what_the_work_has_told_is_not_told_again_and_what_it_has_not_goes_by_a_report() -> None:
    for is_told, left in ((True, []), (False, ["payment_received_hint"])):
        order = paid_order()
        begin(order)
        order.mark_carried(order.pictures[0].task_id, is_told=is_told)
        assert due(order) == left


def test_nothing_overtakes_what_is_still_to_be_told() -> None:
    order = paid_order()
    order.say("quote", NOW)
    begin(order)
    assert due(order) == ["quote", "payment_received_hint"]


@pytest.mark.parametrize("change", [{"is_start_told": False}])
def test_a_shop_may_leave_the_word_to_its_bot(change: dict[str, bool]) -> None:
    order = paid_order(rules=PATIENT.model_copy(update=change))
    begin(order)
    assert phrases(order) == []


def test_another_round_says_nothing_of_the_money() -> None:
    order = waiting_order(1)
    make(order, order.pictures[0])
    send(order, "customer_message", text="颜色不对,再亮一点")
    begin(order)
    assert "payment_received_hint" not in phrases(order)


def test_more_pictures_take_longer_and_even_a_small_one_takes_a_minute() -> None:
    one, many = paid_order(), paid_order(6)
    attempt(one.pictures[0])
    assert estimates.minutes(one.pictures) == 1
    assert estimates.minutes(many.pictures) > estimates.minutes(one.pictures)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 1e4))
def test_a_percentage_grows_with_time_and_never_says_that_it_is_over(a: float, b: float, expected: float) -> None:
    early, late = sorted((a, b))
    assert 0 <= estimates.percent(early, expected) <= estimates.percent(late, expected) <= 99
