import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.order.order import Order
from domain.order.picture import Picture
from domain.story.customers import HISTORY_LENGTH, LABELS, Profile, Tag, Totals, tags, updated_profile, with_totals
from domain.vocabulary.pictures import Analysis, Complexity, Operation, StoredPicture

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ONE = Totals(orders=1)


def order_of_day(day: int, pictures: int = 0, **facts: Any) -> Order:
    """An order of the customer, the n-th day, with pictures that are looked at."""
    order = Order(
        order_id=f"ORDER_{day:04}", customer_id="c1", acc_id="shop1", created_at=NOW + timedelta(days=day), **facts
    )
    order.pictures = [looked_at(f"TASK_{day:04}_{number}") for number in range(1, pictures + 1)]
    return order


def looked_at(task_id: str, **analysis: Any) -> Picture:
    original = StoredPicture(
        key=f"{task_id}/original.jpg", content_type="image/jpeg", width=8, height=6, file_size=9, sha256="0"
    )
    found = Analysis(**{"complexity": Complexity.NORMAL, "prompt": f"prompt of {task_id}", **analysis})
    return Picture(task_id=task_id, original=original, analysis=found, operation=Operation.ENHANCE)


def after(*orders: Order) -> Profile:
    """The profile once these orders were saved, in this order."""
    profile = None
    for order in orders:
        profile = updated_profile(profile, order, ONE)
    assert profile is not None
    return profile


def counts(**totals: Any) -> Profile:
    return with_totals(Profile(acc_id="shop1", customer_id="c1"), Totals(**totals))


def test_a_customer_is_remembered_by_their_first_order() -> None:
    order = order_of_day(1, customer_name="王芳")
    order.pictures = [looked_at("TASK_0001_1", prompt="a cat", aspect_ratio="3:4", perspective="from above")]
    profile = updated_profile(None, order, Totals(orders=1, revisions=2, spent=Decimal("18.5"), currency="CNY"))
    assert (profile.acc_id, profile.customer_id, profile.name) == ("shop1", "c1", "王芳")
    assert (profile.last_picture, profile.last_prompt) == ("TASK_0001_1/original.jpg", "a cat")
    assert (profile.last_aspect_ratio, profile.last_perspective) == ("3:4", "from above")
    assert (profile.orders, profile.revisions, profile.spent, profile.currency) == (1, 2, Decimal("18.5"), "CNY")


def test_the_last_picture_is_the_last_one_that_was_looked_at() -> None:
    order = order_of_day(1, pictures=2)
    order.pictures.append(Picture(task_id="TASK_0001_3"))
    assert after(order).last_picture == "TASK_0001_2/original.jpg"


def test_a_newer_order_overwrites_what_an_older_one_told() -> None:
    profile = after(order_of_day(1, 1, customer_name="王"), order_of_day(2, 1, customer_name="王芳"))
    assert (profile.name, profile.last_prompt) == ("王芳", "prompt of TASK_0002_1")


def test_an_older_order_never_overwrites_what_a_newer_one_told() -> None:
    profile = after(order_of_day(2, 1, customer_name="王芳"), order_of_day(1, 1, customer_name="王"))
    assert (profile.name, profile.last_prompt) == ("王芳", "prompt of TASK_0002_1")


def test_an_older_version_of_an_order_never_overwrites_a_newer_one() -> None:
    newer, older = order_of_day(1, version=3, customer_name="new"), order_of_day(1, version=2, customer_name="old")
    assert after(newer, older).name == "new"
    assert after(older, newer).name == "new"


def test_what_a_newer_order_says_nothing_of_is_still_known_from_the_older_one() -> None:
    old = order_of_day(1, 1, customer_name="王芳")
    assert after(old, order_of_day(2)) == after(order_of_day(2), old)
    assert after(old, order_of_day(2)).name == "王芳"


def test_an_address_is_kept_only_once_a_letter_to_it_went_out() -> None:
    assert after(order_of_day(1, email="wang@example.com")).email is None
    profile = after(order_of_day(1, email="wang@example.com", email_status="sent"))
    assert (profile.email, profile.email_status) == ("wang@example.com", "sent")


def test_an_address_that_was_refused_is_dropped() -> None:
    sent = order_of_day(1, email="wang@example.com", email_status="sent")
    profile = after(sent, order_of_day(2, refused_email="wang@example.com", email_status="refused"))
    assert (profile.email, profile.email_status) == (None, "refused")


def test_the_refusal_of_another_address_leaves_the_known_one() -> None:
    sent = order_of_day(1, email="wang@example.com", email_status="sent")
    other = order_of_day(2, refused_email="wnag@example.com", email_status="refused")
    assert after(sent, other).email == "wang@example.com"


def test_a_refusal_that_comes_again_does_not_drop_an_address_that_works_by_now() -> None:
    refused = order_of_day(1, refused_email="wang@example.com", email_status="refused")
    sent = order_of_day(2, email="wang@example.com", email_status="sent")
    assert after(refused, sent, refused).email == "wang@example.com"


def test_histories_have_one_entry_a_task_the_newest_first() -> None:
    order = order_of_day(2, pictures=10)
    order.pictures[0].requirements = ["2K", "白底"]
    profile = after(order_of_day(1, pictures=1), order)
    tasks = [f"TASK_0002_{number}" for number in range(10, 0, -1)] + ["TASK_0001_1"]
    assert [entry.task_id for entry in profile.requirement_history] == tasks
    assert [entry.task_id for entry in profile.complexity_history] == tasks
    assert profile.requirement_history[-2].requirements == ["2K", "白底"]
    assert profile.requirement_history[-1].operation is Operation.ENHANCE


def test_pictures_of_which_nothing_is_known_leave_no_entry() -> None:
    order = order_of_day(1)
    order.pictures = [Picture(task_id="TASK_0001_1"), looked_at("TASK_0001_2", complexity=Complexity.UNKNOWN)]
    assert [entry.task_id for entry in after(order).requirement_history] == ["TASK_0001_2"]
    assert after(order).complexity_history == []


def test_histories_keep_the_last_tasks_only() -> None:
    orders = [order_of_day(day, pictures=1) for day in range(HISTORY_LENGTH + 5)]
    profile = after(*orders, orders[0])
    assert len(profile.complexity_history) == HISTORY_LENGTH
    assert profile.complexity_history[0].task_id == f"TASK_{HISTORY_LENGTH + 4:04}_1"
    assert profile.complexity_history[-1].task_id == "TASK_0005_1"


def test_a_task_is_remembered_as_it_was_last() -> None:
    before, later = order_of_day(1, 1, version=1), order_of_day(1, 1, version=2)
    later.pictures[0].requirements = ["2K"]
    for profile in (after(before, later), after(later, before)):
        assert [entry.requirements for entry in profile.requirement_history] == [["2K"]]


def test_orders_may_be_remembered_in_any_order_and_more_than_once() -> None:
    orders = [
        order_of_day(1, 2, customer_name="王", email="wang@example.com", email_status="sent"),
        order_of_day(2, 1, customer_name="王芳"),
        order_of_day(2, 2, version=4, customer_name="王芳芳"),
        order_of_day(3, 0),
    ]
    wanted = after(*orders)
    assert wanted.name == "王芳芳"
    for shuffled in itertools.permutations(orders):
        assert after(*shuffled) == after(*shuffled, *shuffled) == wanted


def test_a_customer_with_one_order_is_new_and_returns_with_the_second() -> None:
    assert counts(orders=1).tags == ["new"]
    assert counts(orders=2).tags == ["returning"]
    assert counts(orders=5).tags == ["returning", "regular"]


@pytest.mark.parametrize(
    ("totals", "is_high_value"),
    [({"spent": "199.99"}, False), ({"spent": "200"}, True), ({"high_value_orders": 1}, True)],
)
def test_much_money_or_one_order_of_high_value_makes_a_high_value_customer(
    totals: dict[str, Any], is_high_value: bool
) -> None:
    assert (Tag.HIGH_VALUE in counts(orders=1, **totals).tags) is is_high_value


@pytest.mark.parametrize(("orders", "revisions", "often"), [(1, 9, False), (2, 3, False), (2, 4, True), (3, 5, False)])
def test_two_revisions_an_order_are_often(orders: int, revisions: int, often: bool) -> None:
    assert (Tag.OFTEN_REVISES in counts(orders=orders, revisions=revisions).tags) is often


def test_hard_pictures_are_told_by_the_ones_that_are_remembered() -> None:
    order = order_of_day(1, pictures=4)
    for picture in order.pictures[:3]:
        picture.analysis.complexity = Complexity.HARD
    assert Tag.HARD_PICTURES in tags(after(order))
    assert Tag.HARD_PICTURES not in tags(after(order, order_of_day(2, pictures=3)))


def test_every_tag_has_a_name_in_chinese() -> None:
    assert set(LABELS) == set(Tag)
    assert Tag.OFTEN_REVISES.label == "经常修改"
