"""Steering: going on, another letter, consent, designers, results of others."""

from typing import Any

import pytest

from domain.order.order import Order
from domain.story import delivering, progress
from domain.texts.phrase import Said, written
from domain.vocabulary.status import Status
from tests.fakes import DefaultPhrases
from tests.unit.domain.making import (
    NOW,
    accepted_order,
    customer_says,
    en,
    failed_order,
    happened,
    make,
    phrases,
    post,
    quoted_order,
    send,
    shown_order,
    statuses,
    told,
    working_order,
)

S = Status


def test_staff_revive_a_failed_picture_with_attempts_of_its_own() -> None:
    order = failed_order()
    send(order, "processing_resumed", requested_by="staff", reason="try again")
    assert (order.status, order.live[0].round, order.live[0].tries) == (S.PROCESSING, 1, [])
    assert (order.live[0].error, order.live[0].revision_notes) == (Said(), [])


def test_a_report_that_was_broken_off_is_resumed() -> None:
    order = shown_order()
    order.broken_report = order.serial
    answer = send(order, "processing_resumed", requested_by="staff")
    assert (answer is None or answer.accepted, order.broken_report) == (True, 0)


def test_a_customer_cannot_resume_anything() -> None:
    order = failed_order()
    answer = send(order, "processing_resumed", requested_by="customer")
    assert answer is not None
    assert (answer.accepted, order.status) == (False, S.FAILED)


@pytest.mark.parametrize(
    ("order", "signal", "payload", "reason"),
    [
        (working_order(2), "transfer_requested", {"reason": "?"}, "transfer_not_placed"),
        (working_order(2), "result_submitted", {"result_url": "https://a.example/1.png"}, "result_not_taken"),
        (working_order(1), "designer_finished", {}, "result_not_taken"),
        (quoted_order(), "result_submitted", {"result_url": "https://a.example/1.png"}, "result_not_taken"),
        (quoted_order(), "processing_resumed", {"requested_by": "staff"}, "nothing_to_resume"),
        (shown_order(), "processing_resumed", {"requested_by": "staff"}, "nothing_to_resume"),
        (shown_order(), "processing_resumed", {"requested_by": "customer"}, "only_staff"),
        (shown_order(), "resend_requested", {}, "nothing_to_resend"),
        (working_order(), "revision_requested", {"note": "再亮一点"}, "no_preview_yet"),
        (working_order(), "analysis_received", {"complexity": "hard"}, "analysis_too_late"),
        (quoted_order(2), "analysis_received", {"complexity": "hard"}, "analysis_not_placed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_done_is_refused_with_a_reason(
    order: Order, signal: str, payload: dict[str, Any], reason: str
) -> None:
    before = statuses(order)
    answer = send(order, signal, **payload)
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase, statuses(order)) == (False, reason, before)
    assert DefaultPhrases().text(reason, **answer.reason.values)


def test_a_switched_off_shop_leaves_a_paid_picture_to_staff_and_tells_them_once() -> None:
    order = working_order(pictures=2)
    for picture in order.live:
        progress.stop(order, picture, progress.SWITCHED_OFF, NOW)
    assert (statuses(order), told(order)) == ([S.PAID, S.PAID], ["switched_off"])
    send(order, "processing_resumed", requested_by="staff")
    assert [picture.is_forced and progress.is_workable(order, picture) for picture in order.live] == [True, True]


def test_a_resend_mails_the_finished_files_once_more() -> None:
    order = accepted_order()
    post(order)
    send(order, "resend_requested", reason="not in the inbox")
    assert delivering.is_deliverable(order)
    post(order)
    assert (order.deliveries, order.status, order.resend) == (2, S.COMPLETED, False)
    assert not delivering.is_deliverable(order)


def test_a_resend_to_another_address_needs_only_the_address() -> None:
    order = accepted_order()
    post(order)
    send(order, "resend_requested")
    send(order, "email_provided", email="li@example.com")
    assert delivering.is_deliverable(order)
    assert order.email == "li@example.com"


def test_there_is_nothing_to_resend_before_delivery() -> None:
    order = shown_order()
    answer = send(order, "resend_requested")
    assert answer is not None
    assert (answer.accepted, answer.reason.phrase, order.resend) == (False, "nothing_to_resend", False)


def test_a_consent_is_kept_in_the_customers_words() -> None:
    order = quoted_order()
    send(order, "consent_recorded", kind="no explicit AI label", text="不用标AI")
    assert order.consents == {"no explicit AI label": "不用标AI"}
    assert happened(order)[-1] == "consent"


@pytest.mark.parametrize("begun", [working_order, shown_order])
def test_a_paid_picture_that_is_to_go_to_a_designer_does(begun: type) -> None:
    order = begun()
    send(order, "transfer_requested", reason="customer wants a human")
    assert (order.status, told(order)) == (S.WITH_DESIGNER, [])
    assert order.live[0].dispatch.reason == written("customer wants a human")
    assert phrases(order)[-1] == "please_wait"


def test_an_unpaid_picture_for_a_designer_is_priced_first() -> None:
    order = quoted_order()
    send(order, "transfer_requested", reason="这个能做吗")
    assert (order.status, phrases(order)[-1]) == (S.PENDING, "cannot_do")
    assert order.live[0].needs_designer == written("这个能做吗")


def test_a_transfer_of_one_of_several_must_name_it() -> None:
    order = working_order(pictures=2)
    send(order, "transfer_requested", reason="?")
    assert (statuses(order), told(order)) == ([S.PROCESSING] * 2, ["transfer_not_placed"])


def test_beyond_the_free_rounds_a_revision_is_for_designers() -> None:
    order = shown_order()
    for number in range(3):
        customer_says(order, f"不行,再亮{number}点")
        assert order.status is S.PROCESSING
        make(order, order.live[0])
    customer_says(order, "不行,再亮很多")
    assert (order.status, told(order)) == (S.WITH_DESIGNER, [])
    assert "再亮很多" in en(order.live[0].dispatch.reason)


@pytest.mark.parametrize("signal", ["designer_finished", "result_submitted"])
def test_a_result_of_others_is_to_be_taken_over(signal: str) -> None:
    order = failed_order()
    send(order, signal, result_url="https://designer.example/1.png", notes="done")
    assert order.live[0].submission.image_url == "https://designer.example/1.png"


@pytest.mark.parametrize(
    ("pictures", "payload"),
    [(2, {"result_url": "https://designer.example/1.png"}), (1, {}), (1, {"result_url": "x", "task_id": "TASK_9"})],
    ids=["of which picture?", "without a picture", "of another order"],
)
def test_a_result_that_cannot_be_placed_is_staffs_to_see(pictures: int, payload: dict[str, Any]) -> None:
    order = working_order(pictures)
    send(order, "result_submitted", **payload)
    assert (told(order), [picture.submission for picture in order.live]) == (["result_not_taken"], [None] * pictures)


def test_an_unpaid_order_takes_no_result() -> None:
    order = quoted_order()
    send(order, "result_submitted", result_url="https://designer.example/1.png")
    assert told(order) == ["result_not_taken"]


def test_a_picture_sent_after_payment_is_asked_about_and_staff_see_it() -> None:
    order = working_order()
    answer = send(order, "image_received", image_url="https://shop.example/2.jpg")
    assert answer is not None
    assert (answer.reason.phrase, told(order)) == ("picture_too_late", ["picture_too_late"])


def test_a_picture_that_shows_what_to_change_is_passed_to_staff() -> None:
    order = shown_order()
    send(order, "customer_message", text="像这样", image_url="https://shop.example/like-this.jpg")
    assert told(order) == ["picture_shown"]


def test_results_of_others_wait_for_each_other_and_what_is_too_many_is_told_with_its_address() -> None:
    order = working_order()
    for number in range(8):
        send(order, "result_submitted", result_url=f"https://staff.example/{number}.png", source="staff")
    send(order, "result_submitted", result_url="https://staff.example/0.png", source="staff")
    picture = order.live[0]
    assert picture.submission.image_url == "https://staff.example/0.png"
    assert [str(one.image_url)[-5] for one in picture.more_submissions] == ["1", "2", "3", "4", "5"]
    lost = [notice.values["result"] for notice in order.notices if notice.phrase == "staff_results_waiting"]
    assert lost == ["https://staff.example/6.png", "https://staff.example/7.png"]
    send(order, "cancel_requested", requested_by="staff")
    assert (picture.submission, picture.more_submissions) == (None, [])
