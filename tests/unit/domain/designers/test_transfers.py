"""Giving pictures to designers, and what their dispatch is told: every road that leads there and back."""

from datetime import timedelta
from typing import Any

import pytest

from domain.designers import transfers
from domain.order import journal
from domain.order.order import Order
from domain.order.picture import DESIGNER, Attempt, Dispatched, Result
from domain.story import progress
from domain.story.details import markdown, waits_for
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import Said, said, written
from domain.vocabulary.picture_news import PictureNews
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    NOW,
    accepted_order,
    customer_says,
    designers_say,
    en,
    examine,
    failed_order,
    give_up,
    make,
    new_order,
    phrases,
    post,
    quoted_order,
    send,
    shown_order,
    statuses,
    stored,
    told,
    working_order,
)

S = Status


def given_order() -> Order:
    """An order whose designer is at work."""
    order = working_order()
    give_up(order, order.live[0])
    hear_it(order)
    designers_say(order, "assigned", designer="橘子", dispatch_task_id="T1")
    return order


def dispatch_of(order: Order) -> Dispatched:
    """The last dispatch of an order's first picture."""
    dispatch = order.pictures[0].dispatch
    assert dispatch is not None
    return dispatch


def hear_it(order: Order) -> PictureNews:
    """Let the dispatch hear where the picture stands."""
    picture = order.pictures[0]
    news = transfers.picture_news(picture)
    transfers.mark_told(order, picture, dispatch_of(order), news, NOW)
    return news


def designer_shows(order: Order, sha256: str = "") -> None:
    """Let a designer's result arrive, be fetched and shown."""
    send(order, "designer_finished", result_url="https://designer.example/1.png")
    picture = order.live[0]
    number = len(picture.attempts) + 1
    made = Attempt(number=number, round=picture.round, provider=DESIGNER)
    file = stored(f"{number}.png").model_copy(update={"sha256": sha256 or f"{number:064}"})
    made.result = Result(file=file, view_key="v.png", preview_key="p.jpg")
    picture.attempts.append(made)
    assert picture.submission is not None
    progress.adopted(order, picture, picture.submission, made, NOW)


def by_designer() -> Order:
    """An order whose designer's picture lies before the customer."""
    order = given_order()
    designer_shows(order)
    hear_it(order)
    return order


def standing(order: Order) -> str:
    return transfers.picture_news(order.pictures[0]).standing


def test_a_picture_that_the_machine_cannot_make_goes_to_a_designer() -> None:
    order = working_order()
    give_up(order, order.live[0], "refused for safety")
    picture = order.live[0]
    assert (picture.status, picture.error, picture.dispatch.reason) == (
        S.WITH_DESIGNER,
        written("refused for safety"),
        written("refused for safety"),
    )
    assert (told(order), phrases(order)[-1]) == (["generation_failed"], "please_wait")
    assert transfers.is_dispatch_outdated(picture)
    assert transfers.request(order, picture).marker == f"订单 {picture.task_id}"


def test_the_customer_hears_of_the_designer_once() -> None:
    order = given_order()
    designers_say(order, "assigned", designer="婷婷")
    assert phrases(order).count("designer_assigned") == 1
    assert journal.words(order.journal[-1], "en") == "picture 1, designers: assigned, 婷婷"
    assert "设计师婷婷" in markdown(order)
    assert en(waits_for(order)) == "a designer: 婷婷"


def test_staff_switched_off_pictures_go_to_a_designer_when_somebody_asks() -> None:
    order = working_order()
    progress.stop(order, order.live[0], progress.SWITCHED_OFF, NOW)
    send(order, "transfer_requested", reason="请设计师做")
    assert (statuses(order), order.live[0].stopped) == ([S.WITH_DESIGNER], Said())


def test_a_payment_that_staff_must_look_at_comes_first() -> None:
    order = quoted_order()
    send(order, "payment_received", payment_id="p1", amount="1.00")
    send(order, "transfer_requested", reason="请设计师做")
    assert (statuses(order), told(order)) == ([S.PAID], ["payment_held", "designer_wanted"])
    send(order, "payment_received", payment_id="p2", amount="17.00")
    assert statuses(order) == [S.WITH_DESIGNER]


def test_an_unpaid_picture_goes_to_the_designer_once_it_is_paid() -> None:
    order = quoted_order()
    send(order, "transfer_requested", reason="这个能做吗")
    assert (statuses(order), order.live[0].dispatch) == ([S.PENDING], None)
    send(order, "payment_received", payment_id="p1", amount="18.00")
    assert statuses(order) == [S.WITH_DESIGNER]


def test_nobody_in_time_is_a_failure_that_a_transfer_revives() -> None:
    order = given_order()
    designers_say(order, "given_up")
    assert (statuses(order), order.live[0].error) == ([S.FAILED], said("reason.no_designer_in_time"))
    assert not transfers.is_dispatch_outdated(order.live[0])  # it may still come
    send(order, "transfer_requested", reason="再找一个")
    assert (statuses(order), transfers.picture_news(order.live[0]).asked) == ([S.WITH_DESIGNER], 2)
    assert transfers.is_dispatch_outdated(order.live[0])


def test_a_result_that_comes_after_all_is_shown() -> None:
    order = given_order()
    designers_say(order, "given_up")
    designer_shows(order)
    assert (statuses(order), standing(order)) == ([S.AWAITING_CONFIRM], "shown")


def test_staff_take_a_failed_picture_back_to_the_machine() -> None:
    order = failed_order()
    hear_it(order)
    send(order, "processing_resumed")
    assert (statuses(order), standing(order)) == ([S.PROCESSING], "withdrawn")
    hear_it(order)
    assert not transfers.has_designer(order.live[0])


def previews(order: Order) -> int:
    return sum(message.kind == "image" for message in order.outbox)


def test_a_picture_that_comes_by_two_roads_is_shown_once() -> None:
    order = given_order()
    designer_shows(order, sha256="a" * 64)
    designer_shows(order, sha256="a" * 64)
    assert (previews(order), statuses(order), order.live[0].submission) == (1, [S.AWAITING_CONFIRM], None)
    assert journal.words(order.journal[-1], "en") == "same result for picture 1 received again from designer"
    designer_shows(order, sha256="b" * 64)
    assert previews(order) == 2


def test_the_same_picture_is_shown_again_where_it_is_wanted_again() -> None:
    order = given_order()
    designer_shows(order, sha256="a" * 64)
    send(order, "transfer_requested", reason="再找一个")
    designer_shows(order, sha256="a" * 64)
    assert (previews(order), statuses(order)) == (2, [S.AWAITING_CONFIRM])


def test_a_revision_goes_back_to_the_same_designer() -> None:
    order = by_designer()
    customer_says(order, "不行,再亮一点")
    news = transfers.picture_news(order.live[0])
    assert (statuses(order), phrases(order)[-1]) == ([S.WITH_DESIGNER], "redo_started")
    assert (news.standing, news.round, news.wish, order.live[0].dispatch.number) == ("wanted", 1, "不行,再亮一点", 1)


def test_the_customers_yes_closes_the_dispatch_and_a_later_rework_is_another_one_of_the_same_designer() -> None:
    order = by_designer()
    customer_says(order, "可以,发 wang@example.com")
    assert hear_it(order).standing == "accepted"
    post(order)
    assert order.status is S.COMPLETED
    assert not transfers.is_dispatch_outdated(order.live[0])
    send(order, "revision_requested", note="再亮一点")
    picture = order.live[0]
    request = transfers.request(order, picture)
    assert (picture.status, request.number, request.designer) == (S.WITH_DESIGNER, 2, "橘子")
    assert request.marker == f"订单 {picture.task_id} 第2次"


def test_a_refusal_while_the_dispatch_is_being_closed_opens_another_one() -> None:
    order = by_designer()
    customer_says(order, "可以")
    news = transfers.picture_news(order.live[0])  # on its way
    customer_says(order, "不行,再亮一点")
    transfers.mark_told(order, order.live[0], dispatch_of(order), news, NOW)
    assert (order.live[0].dispatch.number, transfers.is_dispatch_outdated(order.live[0])) == (2, True)


def test_a_task_that_the_designer_finished_there_is_over_once_it_is_shown() -> None:
    order = given_order()
    designers_say(order, "finished")
    designer_shows(order)
    hear_it(order)
    assert not transfers.has_designer(order.live[0])
    customer_says(order, "不行,再亮一点")
    assert (order.live[0].dispatch.number, order.live[0].dispatch.designer) == (2, "橘子")


def test_a_revision_of_a_task_that_is_done_there_is_another_dispatch_of_the_same_designer() -> None:
    order = by_designer()
    customer_says(order, "不行,再亮一点")
    hear_it(order)
    designers_say(order, "over")
    assert (statuses(order), dispatch_of(order).number, dispatch_of(order).designer) == ([S.WITH_DESIGNER], 2, "橘子")
    assert transfers.is_dispatch_outdated(order.live[0])
    assert transfers.request(order, order.live[0]).wishes == ["不行,再亮一点"]


def test_a_dispatch_that_is_over_once_the_customer_is_content_is_the_last() -> None:
    order = by_designer()
    designers_say(order, "over")
    assert (statuses(order), dispatch_of(order).number, transfers.has_designer(order.live[0])) == (
        [S.AWAITING_CONFIRM],
        1,
        False,
    )


def test_a_cancelled_order_calls_its_designer_off() -> None:
    order = given_order()
    send(order, "cancel_requested", requested_by="customer")
    assert (statuses(order), standing(order)) == ([S.CANCELLED], "cancelled")
    assert transfers.is_dispatch_outdated(order.pictures[0])


def test_a_rework_that_is_called_off_is_no_yes() -> None:
    order = by_designer()
    customer_says(order, "可以,发 wang@example.com")
    post(order)
    send(order, "revision_requested", note="再亮一点")
    hear_it(order)
    send(order, "cancel_requested", requested_by="staff")
    assert (statuses(order), standing(order)) == ([S.COMPLETED], "cancelled")


def test_a_refund_stops_the_designer_until_staff_resume_it() -> None:
    order = given_order()
    send(order, "refund_recorded", refund_id="r1", amount="3.00")
    assert (statuses(order), standing(order)) == ([S.PAID], "withdrawn")
    hear_it(order)
    send(order, "processing_resumed")
    assert (statuses(order), order.live[0].dispatch.number) == ([S.WITH_DESIGNER], 2)


def test_what_an_earlier_dispatch_says_changes_nothing() -> None:
    order = given_order()
    task = order.live[0].task_id
    send(order, "dispatch_changed", task_id=task, dispatch_id=f"dispatch-{task}-7", standing="given_up")
    assert statuses(order) == [S.WITH_DESIGNER]


def test_a_dispatch_that_was_ended_by_hand_leaves_the_picture_to_staff() -> None:
    order = given_order()
    designers_say(order, "ended", reason="cancelled in Temporal")
    assert (statuses(order), order.live[0].error) == ([S.FAILED], written("cancelled in Temporal"))
    send(order, "transfer_requested", reason="noch einmal")
    assert order.live[0].dispatch.number == 2


def test_a_word_that_was_on_its_way_as_its_dispatch_ended_says_nothing_of_the_next_one() -> None:
    order = given_order()
    picture, dispatch = order.live[0], dispatch_of(order)
    news = transfers.picture_news(picture)  # on its way
    designers_say(order, "ended", reason="cancelled in Temporal")
    send(order, "transfer_requested", reason="再找一个")
    transfers.mark_told(order, picture, dispatch, news, NOW)
    assert (picture.dispatch.number, picture.dispatch.told, transfers.is_dispatch_outdated(picture)) == (2, None, True)


def test_a_dispatch_that_ended_while_a_word_was_on_its_way_has_ended() -> None:
    order = given_order()
    picture, dispatch = order.live[0], dispatch_of(order)
    news = transfers.picture_news(picture)  # on its way
    designers_say(order, "ended", reason="cancelled in Temporal")
    transfers.mark_told(order, picture, dispatch, news, NOW)
    assert not transfers.has_designer(picture)
    assert statuses(order) == [S.FAILED]


def test_a_dispatch_that_was_ended_by_force_is_begun_anew() -> None:
    order = given_order()
    transfers.on_dispatch_terminated(order, order.live[0], dispatch_of(order), NOW)
    assert (order.live[0].dispatch.number, transfers.is_dispatch_outdated(order.live[0])) == (2, True)


def test_a_machines_picture_is_revised_by_the_machine() -> None:
    order = shown_order()
    customer_says(order, "不行,再亮一点")
    assert statuses(order) == [S.PROCESSING]


def test_wishes_reach_the_designer_oldest_first() -> None:
    order = shown_order()
    for number in range(3):
        customer_says(order, f"不行,再亮{number}点")
        make(order, order.live[0])
    customer_says(order, "不行,再亮很多")
    request = transfers.request(order, order.live[0])
    assert request.wishes == [f"不行,再亮{much}" for much in ("0点", "1点", "2点", "很多")]
    assert request.shown_key is not None


def test_of_many_long_wishes_designers_read_the_newest() -> None:
    order = given_order()
    picture = order.live[0]
    picture.requirements, picture.revision_notes = ["旧" * 1500, "中" * 1500], ["新" * 1000]
    wishes = transfers.request(order, picture).wishes
    assert wishes == ["中" * 1000, "新" * 1000]
    picture.requirements = [str(number) for number in range(5000)]
    wishes = transfers.request(order, picture).wishes
    assert (wishes[-2:], sum(map(len, wishes))) == (["4999", "新" * 1000], 2000)


def test_a_night_transfer_tells_when_somebody_is_there_again() -> None:
    order = working_order()
    send(order, "transfer_requested", NOW + timedelta(hours=8), reason="请设计师做")  # two in the morning
    assert phrases(order)[-1] == "shop_closed"


@pytest.mark.parametrize("signal", ["transfer_requested", "designer_finished"])
def test_a_risky_picture_is_judged_before_a_designer_gets_it(signal: str) -> None:
    order = new_order()
    payload: dict[str, Any] = {"reason": "?"} if signal == "transfer_requested" else {"result_url": "https://x.example"}
    examine(order, order.live[0], risk={"level": "high", "reasons": ["banknote"]})
    send(order, "payment_received", payment_id="p1", amount="18.00")
    send(order, signal, **payload)
    assert statuses(order) == [S.PAID]


@pytest.mark.parametrize(
    ("signal", "facts"),
    [("cancel_requested", {"requested_by": "customer"}), ("processing_resumed", {"requested_by": "staff"})],
)
def test_what_is_called_off_before_its_dispatch_began_begins_none(signal: str, facts: dict[str, Any]) -> None:
    order = working_order()
    send(order, "transfer_requested", requested_by="staff", reason="好难")
    assert transfers.is_dispatch_outdated(order.pictures[0])
    send(order, signal, task_id=order.pictures[0].task_id, **facts)
    assert not transfers.is_dispatch_outdated(order.pictures[0])


def test_what_people_made_of_a_stopped_picture_is_worked_on_when_it_is_not_liked() -> None:
    order = working_order()
    progress.stop(order, order.live[0], progress.SWITCHED_OFF, NOW)
    designer_shows(order)
    assert (statuses(order), order.live[0].stopped) == ([S.AWAITING_CONFIRM], Said())


def test_a_result_that_was_called_off_while_it_was_fetched_is_not_shown() -> None:
    order = accepted_order()
    post(order)
    picture = order.live[0]
    send(order, "revision_requested", note="颜色不对,再红一点")
    assert statuses(order) == [S.PROCESSING]
    send(order, "result_submitted", result_url="https://designer.example/2.png", source="staff")
    offered = picture.submission
    assert offered is not None
    send(order, "refund_recorded", amount="18.00", refund_id="R1")
    before = statuses(order)
    assert picture in order.live
    made = Attempt(number=9, round=picture.round, provider="staff")
    made.result = Result(file=stored("2.png"), view_key="2.png", preview_key="2-preview.jpg")
    progress.adopted(order, picture, offered, made, NOW)
    assert statuses(order) == before == [S.COMPLETED]


def test_designers_are_told_why_a_picture_is_given_to_them_once_more() -> None:
    order = shown_order()
    send(order, "transfer_requested", reason="客户要真人")
    assert not transfers.picture_news(order.live[0]).why
    send(order, "transfer_requested", reason="脸不像")
    news = transfers.picture_news(order.live[0])
    assert (news.asked, news.why) == (2, written("脸不像"))


def refuse(order: Order, why: Said, source: str = DESIGNER) -> None:
    """Let a result arrive that is not taken."""
    if source == DESIGNER:
        send(order, "designer_finished", result_url="https://designer.example/1.jpg")
    else:
        send(order, "result_submitted", result_url="https://designer.example/1.jpg", source=source)
    picture = order.live[0]
    number = len(picture.attempts) + 1
    made = Attempt(number=number, round=picture.round, provider=source, error=why, error_type="PictureUnreadable")
    picture.attempts.append(made)
    assert picture.submission is not None
    progress.adopted(order, picture, picture.submission, made, NOW)


def test_a_designer_who_hands_in_another_kind_of_file_is_told_what_is_owed() -> None:
    order = given_order()
    hear_it(order)
    refuse(order, said("handed_in.wrong_kind", found="JPEG", owed=said("owed.layered")))
    picture = order.live[0]
    assert (picture.status, transfers.is_dispatch_outdated(picture)) == (S.WITH_DESIGNER, True)
    news = hear_it(order)
    assert (news.standing, news.asked) == ("wanted", 2)
    assert TEXTS["zh"].say(news.why) == (
        "交来的文件没有收下:交来的是 JPEG 文件,这张要交分层的 PSD(至少有「主体」和「背景」两个图层)。请改好再交"
    )
    assert "result_unusable" in told(order)


def test_what_somebody_else_hands_in_is_told_to_staff_only() -> None:
    order = given_order()
    hear_it(order)
    refuse(order, said("handed_in.original", owed=said("owed.edit")), source="midjourney")
    assert transfers.picture_news(order.live[0]).asked == 1
    refuse(order, said("picture.damaged"))
    assert transfers.picture_news(order.live[0]).asked == 1


def test_a_model_takes_part_in_what_another_ai_makes_and_in_what_is_made_from_a_models_result() -> None:
    picture = given_order().live[0]
    assert [picture.is_made_with_model(source) for source in (DESIGNER, "staff", "midjourney")] == [False, False, True]
    order = by_designer()
    assert not order.live[0].is_made_with_model(DESIGNER)
    order.live[0].result.is_labelled = True
    assert order.live[0].is_made_with_model(DESIGNER)
