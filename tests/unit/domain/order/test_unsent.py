"""What waits to be said is joined: the last price is told, nothing is said twice, and staff are not flooded."""

from hypothesis import given
from hypothesis import strategies as st

from domain.bounds import budgets
from domain.order import unsent
from domain.order.order import Order
from domain.vocabulary.trail import Outgoing
from tests.unit.domain.making import NOW, new_order, quoted_order, send


def waiting(order: Order) -> list[tuple[str, object, object]]:
    joined = unsent.merge_messages(order.outbox)
    return [(message.phrase, message.values.get("before"), message.values.get("span")) for message in joined]


def test_of_sixty_new_versions_of_a_quote_the_customer_hears_the_last_as_their_first() -> None:
    order = quoted_order()
    for number in range(60):
        send(order, "requirement_added", requirement=f"wish {number}")
    assert [(phrase, before) for phrase, before, _ in waiting(order)] == [("quote_hint", None)]
    assert unsent.merge_messages(order.outbox)[0].message_id == order.outbox[-1].message_id


def test_a_price_that_changes_twice_is_compared_with_the_one_that_was_told() -> None:
    order = quoted_order()
    told = order.quote.span
    order.mark_told(order.serial)
    send(order, "analysis_received", complexity="hard")
    send(order, "analysis_received", complexity="complex")
    assert waiting(order) == [("quote_changed_hint", told, order.quote.span)]


def test_a_price_that_comes_back_is_the_same_one() -> None:
    order = quoted_order()
    told = order.quote.span
    order.mark_told(order.serial)
    send(order, "analysis_received", complexity="hard")
    send(order, "analysis_received", complexity="normal")
    assert waiting(order) == [("quote_same_hint", None, told)]


def test_what_waits_to_be_said_is_not_said_twice_and_every_picture_is_shown() -> None:
    order = new_order()
    for _ in range(3):
        order.say("which_picture", NOW, count="2")
        order.show("same.jpg", NOW)
    order.say("which_picture", NOW, count="3")
    joined = unsent.merge_messages(order.outbox)
    assert [message.phrase or message.image_key for message in joined] == [
        "same.jpg", "same.jpg", "which_picture", "same.jpg", "which_picture"
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "字" * 2000])), max_size=60))
def test_notices_that_wait_are_each_there_once_bounded_and_in_their_places(told: list[tuple[str, str]]) -> None:
    order = new_order()
    for number, (phrase, text) in enumerate(told):
        order.tell_staff(f"staff_{phrase}", NOW, text=text + str(number % 7))
        before = order.notices[:-1]
        order.notices = unsent.merge_notices(order.notices)
        assert order.notices[: len(before)] == before, "one that is on its way was moved"
    assert budgets.sizes(order.notices) < budgets.NOTICES + 500
    said = [(notice.phrase, str(notice.values)) for notice in order.notices]
    assert len(set(said)) == len(said)


@given(st.lists(st.sampled_from(["quote_hint", "quote_same_hint", "quote_changed_hint", "text", "image"]), max_size=30))
def test_joining_is_settled_at_once(kinds: list[str]) -> None:
    outbox = [
        Outgoing(message_id=str(n), serial=n, kind="image" if kind == "image" else "hint", phrase=kind, image_key="k")
        for n, kind in enumerate(kinds)
    ]
    joined = unsent.merge_messages(outbox)
    assert unsent.merge_messages(joined) == joined
    assert [one.serial for one in joined] == sorted(one.serial for one in joined)
