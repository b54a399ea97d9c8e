"""Deadlines: reminders, expiry, silence, shipping, the end of after-care."""

from datetime import datetime, timedelta

import pytest

from domain.order.order import Order
from domain.story import deadlines, progress
from domain.vocabulary.pictures import Feasibility
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    NOW,
    accepted_order,
    attempt,
    customer_says,
    examine,
    later,
    make,
    new_order,
    pass_time,
    phrases,
    post,
    quoted_order,
    send,
    shown_order,
    told,
)

S = Status
HOUR, DAY = 3600, 86_400


def said_since(order: Order, before: int) -> list[str]:
    return phrases(order)[before:]


def test_an_unpaid_order_is_reminded_twice_and_then_expires() -> None:
    order = quoted_order()
    pass_time(order, later(2 * HOUR))
    assert phrases(order)[1:] == ["payment_reminder_hint"]
    pass_time(order, later(24 * HOUR))
    assert phrases(order)[1:] == ["payment_reminder_hint"] * 2
    pass_time(order, later(72 * HOUR - 1))
    assert order.status is S.PENDING
    pass_time(order, later(72 * HOUR))
    assert (order.status, phrases(order)[-1]) == (S.EXPIRED, "expired")


def test_nobody_is_reminded_at_night() -> None:
    order = quoted_order()  # at 18:00 in Shanghai
    order.waits_since = NOW + timedelta(hours=4)  # 22:00: two hours later it is midnight
    assert deadlines.next_deadline(order) == (NOW + timedelta(hours=15), "payment_reminder")


def test_a_new_quote_starts_the_wait_anew() -> None:
    order = quoted_order()
    pass_time(order, later(2 * HOUR))
    send(order, "requirement_added", requirement="白底", now=later(70 * HOUR))
    pass_time(order, later(80 * HOUR))
    assert order.status is S.PENDING
    assert phrases(order)[-1] == "payment_reminder_hint"


def test_an_order_without_a_picture_expires_without_a_word() -> None:
    order = new_order(pictures=0)
    send(order, "consent_recorded", kind="terms")
    pass_time(order, later(72 * HOUR))
    assert (order.status, phrases(order)) == (S.EXPIRED, [])


def test_a_paid_order_without_a_picture_never_expires() -> None:
    order = new_order(pictures=0)
    send(order, "payment_received", payment_id="p1", amount="18")
    pass_time(order, later(30 * DAY))
    assert order.status is S.PAID


def test_reminders_missed_while_no_worker_ran_are_one() -> None:
    order = quoted_order()
    deadlines.expire_due(order, later(30 * HOUR))
    assert phrases(order)[1:] == ["payment_reminder_hint"]


def test_what_has_expired_meanwhile_is_not_reminded_of() -> None:
    order = quoted_order()
    deadlines.expire_due(order, later(100 * HOUR))
    assert phrases(order)[1:] == ["expired"]


def test_a_silent_customer_is_reminded_after_a_day_and_taken_as_content_after_seven() -> None:
    order = shown_order()
    before = len(order.outbox)
    pass_time(order, later(DAY))
    assert said_since(order, before) == ["word_reminder_hint"]
    pass_time(order, later(7 * DAY))
    assert (order.status, said_since(order, before)) == (S.COMPLETED, ["word_reminder_hint", "silence_links"])
    assert list(order.outbox[-1].links.values()) == [order.pictures[0].result.file.key]


def test_a_word_of_the_customer_starts_the_silence_anew() -> None:
    order = shown_order()
    send(order, "customer_message", text="我晚点看", now=later(6 * DAY))
    pass_time(order, later(8 * DAY))
    assert order.status is S.AWAITING_CONFIRM


def test_a_revision_that_is_never_described_is_reminded_and_then_counts_as_silence() -> None:
    order = shown_order()
    customer_says(order, "不行")
    before = len(order.outbox)
    pass_time(order, later(DAY))
    assert said_since(order, before) == ["revision_reminder"]
    pass_time(order, later(7 * DAY))
    assert (order.status, phrases(order)[-1]) == (S.COMPLETED, "silence_links")


def test_staff_are_told_to_mark_the_platforms_order_as_shipped_before_the_deadline() -> None:
    order = accepted_order()
    post(order)
    pass_time(order, later(1))
    send(order, "consent_recorded", kind="terms")
    assert told(order) == [], "the digest of the night names it"
    pass_time(order, later(36 * HOUR))
    assert told(order) == ["shipping_due"]
    assert order.notices[-1].values["hours"] == "12"


def test_an_order_delivered_after_that_reminder_is_told_at_once() -> None:
    order = accepted_order()
    pass_time(order, later(36 * HOUR))
    post(order)
    send(order, "consent_recorded", kind="terms")
    assert told(order) == ["shipping_due", "mark_shipped"]


def test_the_shipping_deadline_comes_whether_the_work_is_done_or_not() -> None:
    order = shown_order()
    pass_time(order, later(36 * HOUR))
    assert "shipping_due" in told(order)


def test_a_rework_does_not_ask_for_shipping_again() -> None:
    order = accepted_order()
    pass_time(order, later(36 * HOUR))
    post(order)
    send(order, "revision_requested", note="太暗")
    send(order, "result_submitted", result_url="https://designer.example/1.png")
    order.move(order.live, S.AWAITING_CONFIRM, NOW)
    customer_says(order, "可以")
    post(order)
    send(order, "consent_recorded", kind="terms")
    assert told(order).count("mark_shipped") == 1


def test_after_care_ends_fifteen_days_after_the_end() -> None:
    for end in ("completed", "cancelled", "expired"):
        order = accepted_order() if end == "completed" else quoted_order()
        match end:
            case "completed":
                post(order)
            case "cancelled":
                send(order, "cancel_requested")
            case _:
                pass_time(order, later(72 * HOUR))
        send(order, "consent_recorded", kind="terms")
        assert order.finished_at is not None
        pass_time(order, order.finished_at + timedelta(days=15) - timedelta(seconds=1))
        assert not order.is_over
        pass_time(order, order.finished_at + timedelta(days=15))
        assert order.is_over, end


def test_a_rework_starts_after_care_anew() -> None:
    order = accepted_order()
    post(order)
    send(order, "revision_requested", note="太暗", now=later(10 * DAY))
    assert order.finished_at is None
    pass_time(order, later(16 * DAY))
    assert not order.is_over


def test_silence_about_an_earlier_result_says_nothing_of_a_new_one() -> None:
    order = accepted_order()
    post(order)
    send(order, "consent_recorded", kind="terms", now=later(1))
    send(order, "revision_requested", note="太暗", now=later(10 * DAY))
    progress.show(order, order.live[0], attempt(order.live[0]), later(10 * DAY))
    deadlines.expire_due(order, later(10 * DAY))
    assert order.status is S.AWAITING_CONFIRM


def test_a_mail_server_in_trouble_is_not_blamed_on_the_customer() -> None:
    order = accepted_order()
    send(order, "consent_recorded", kind="terms")
    before = len(order.outbox)
    pass_time(order, later(30 * HOUR))
    assert said_since(order, before) == []


def test_nobody_is_asked_to_pay_while_staff_look_for_a_price() -> None:
    order = new_order()
    examine(order, order.live[0], feasible=Feasibility(possible=False, reason="hand lettering"))
    send(order, "consent_recorded", kind="terms")
    pass_time(order, later(100 * HOUR))
    assert (order.status, phrases(order)) == (S.PENDING, ["cannot_do"])


def test_a_rework_that_begins_as_after_care_ends_keeps_the_order_open() -> None:
    order = accepted_order()
    post(order)
    send(order, "consent_recorded", kind="terms")
    pass_time(order, later(16 * DAY))
    assert order.is_over
    send(order, "revision_requested", note="太暗", now=later(16 * DAY))
    assert not order.is_over


def test_a_deadline_that_a_bug_of_ours_makes_useless_is_told_once_and_does_not_spin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(order: Order, now: datetime) -> None:
        raise KeyError(f"{order.order_id}, {now}")

    broken = deadlines.Wait("broken", lambda order: order.created_at, fail)
    monkeypatch.setattr(deadlines, "WAITS", (broken, *deadlines.WAITS))
    order = quoted_order()
    deadlines.expire_due(order, later(2 * HOUR))
    deadlines.expire_due(order, later(2 * HOUR))
    assert (told(order), phrases(order)[-1]) == (["unexpected"], "payment_reminder_hint")
    assert deadlines.next_deadline(order) == (later(24 * HOUR), "payment_reminder")


def test_the_customer_is_asked_about_what_is_shown_while_another_picture_waits_for_staff() -> None:
    order = new_order(pictures=2)
    send(order, "payment_received", payment_id="p1", amount="36")
    for picture in order.live:
        examine(order, picture)
    send(order, "consent_recorded", kind="terms")
    progress.start(order, order.live[0], NOW)
    progress.stop(order, order.live[1], progress.SWITCHED_OFF, NOW)
    make(order, order.live[0])
    assert phrases(order)[-1] == "preview_hint"


def test_a_deadline_that_a_bug_made_useless_is_armed_again_by_staff_and_told_again_if_it_still_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("of ours")

    order = quoted_order()
    broken_table = [
        wait if wait.name != "expiry" else deadlines.Wait("expiry", wait.due_at, fail) for wait in deadlines.WAITS
    ]
    with monkeypatch.context() as patch:
        patch.setattr(deadlines, "WAITS", tuple(broken_table))
        for times in (1, 2):
            deadlines.expire_due(order, later(100 * HOUR))
            assert (order.broken_waits, told(order).count("unexpected")) == (["expiry"], times)
            send(order, "processing_resumed", requested_by="staff")
            assert order.broken_waits == []
    deadlines.expire_due(order, later(100 * HOUR))
    assert order.status is S.EXPIRED
