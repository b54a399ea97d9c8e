"""The report that an e-mail takes along: it comes true as it was written, or what really happened is reported too."""

from collections.abc import Callable

import pytest

from domain.attempts.work import MailInput, MailOutcome
from domain.order.order import Order
from domain.story import consequences, delivering, foreseeing
from domain.story.foreseeing import Foreseen
from domain.vocabulary.status import Status as S  # noqa: N817
from tests.unit.domain.making import NOW, accepted_order, happened, later, phrases, send, shown_order, told

MESSAGE_ID = "<ORDER_1.1@shop.example>"
WRITTEN = MailOutcome(status="sent", message_id=MESSAGE_ID, is_written=True)
TOLD = WRITTEN.model_copy(update={"is_told": True})


def mailing(pictures: int = 1) -> tuple[Order, MailInput, Foreseen]:
    """An order whose e-mail goes out now, with everything before it reported but the acceptance."""
    order = accepted_order(pictures)
    order.outbox = []
    order.mark_written(order.serial - 1)
    letter = delivering.next_mail(order)
    foreseen = foreseeing.foresee(order, letter, NOW)
    assert foreseen is not None
    return order, letter, foreseen


def ids(order: Order) -> list[str]:
    return [line.event_id for line in order.journal]


@pytest.mark.parametrize("pictures", [1, 3])
def test_an_order_that_is_as_foreseen_has_nothing_left_to_report(pictures: int) -> None:
    order, letter, foreseen = mailing(pictures)
    assert order.status is S.AWAITING_CONFIRM, "nothing has come true yet"
    foreseeing.come_true(order, letter, TOLD, foreseen, later(1))
    consequences.apply_rules(order, later(1))
    report = foreseen.report
    assert (order.status, order.has_unreported, order.outbox, order.notices) == (S.COMPLETED, False, [], [])
    assert (report.status, report.email_status, report.deliveries) == (S.COMPLETED, "sent", 1)
    assert (order.version, order.completed_at) == (report.version, report.completed_at)
    assert ids(order)[-len(report.journal) :] == ids(report)
    assert report.journal[0].serial < foreseen.base + 1, "with what was not reported before"
    assert [line.facts.get("message_id") for line in order.journal if line.what == "mailed"] == [MESSAGE_ID]
    assert foreseeing.named(report, MESSAGE_ID).journal == order.journal[-len(report.journal) :]


def test_a_message_that_did_not_get_through_is_sent_by_the_next_report_with_the_same_id() -> None:
    order, letter, foreseen = mailing()
    foreseeing.come_true(order, letter, WRITTEN, foreseen, later(1))
    assert order.outbox == foreseen.report.outbox
    news = order.next_report()
    assert (news.outbox, news.journal) == (foreseen.report.outbox, [])
    order.mark_told(news.serial)
    assert (order.outbox, order.has_unreported) == ([], False)


def test_rows_that_were_not_written_are_written_by_the_next_report() -> None:
    order, letter, foreseen = mailing()
    delivering.mail_finished(order, letter, MailOutcome(status="sent", message_id=MESSAGE_ID), later(1))
    news = order.next_report()
    assert (news.version, phrases(news)) == (foreseen.report.version + 1, ["mail_sent"])
    assert [line.what for line in news.journal][-3:] == ["mailed", "status_changed", "told"]
    assert not {*ids(news)[-3:]} & {*ids(foreseen.report)}, "an id belongs to one line"


def talk(order: Order) -> None:
    send(order, "consent_recorded", later(1), kind="terms", text="yes")


def report_talk(order: Order) -> None:
    talk(order)
    order.mark_told(order.next_report().serial)


@pytest.mark.parametrize("meanwhile", [talk, report_talk])
@pytest.mark.parametrize("outcome", [WRITTEN, TOLD], ids=["the bot is away", "told"])
def test_what_happens_meanwhile_is_reported_beside_it(meanwhile: Callable[[Order], None], outcome: MailOutcome) -> None:
    order, letter, foreseen = mailing()
    meanwhile(order)
    foreseeing.come_true(order, letter, outcome, foreseen, later(2))
    assert (order.status, happened(order).count("mailed"), happened(order).count("overtaken")) == (S.COMPLETED, 1, 0)
    assert len({*ids(order)}) == len(order.journal)
    assert {*ids(foreseen.report)} <= {*ids(order)}
    news = order.next_report()
    assert ("consent" in happened(news)) is (meanwhile is talk)
    assert news.outbox == ([] if outcome.is_told else foreseen.report.outbox)


@pytest.mark.parametrize(
    ("signal", "payload", "status", "staff"),
    [
        ("cancel_requested", {"requested_by": "staff"}, S.CANCELLED, "mailed_all_the_same"),
        ("refund_recorded", {"refund_id": "r1", "amount": "18"}, S.CANCELLED, "mailed_all_the_same"),
        ("customer_message", {"text": "我要投诉"}, S.COMPLETED, "mailed_all_the_same"),
        ("email_provided", {"email": "li@example.com"}, S.AWAITING_CONFIRM, None),
    ],
)
def test_what_does_not_come_true_is_put_right(
    signal: str, payload: dict[str, str], status: S, staff: str | None
) -> None:
    order, letter, foreseen = mailing()
    send(order, signal, later(1), **payload)
    said = phrases(order)
    foreseeing.come_true(order, letter, WRITTEN, foreseen, later(2))
    assert (order.status, happened(order)[-1]) == (status, "overtaken")
    assert (staff in told(order)) is (staff is not None)
    assert phrases(order) == said, "it is not said that the e-mail went out"
    news = order.next_report()
    assert (news.version, news.status, happened(news)[-1]) == (foreseen.report.version + 1, status, "overtaken")


def test_an_order_that_has_something_to_say_first_reports_it_by_itself() -> None:
    order = accepted_order()
    order.say("please_wait", NOW)
    assert foreseeing.foresee(order, delivering.next_mail(order), NOW) is None


def test_a_refused_address_leaves_no_trace_of_what_was_foreseen() -> None:
    order, letter, foreseen = mailing()
    delivering.mail_finished(order, letter, MailOutcome(status="refused", message_id=MESSAGE_ID), later(1))
    news = order.next_report()
    assert (news.status, phrases(news)) == (S.AWAITING_CONFIRM, ["mail_refused"])
    assert not {*ids(foreseen.report)[-3:]} & {*ids(news)}


def test_nothing_of_the_order_changes_before_the_e_mail_is_sent() -> None:
    order = shown_order()
    order.email, order.live[0].accepted, order.outbox = "wang@example.com", True, []
    before = order.model_copy(deep=True)
    foreseen = foreseeing.foresee(order, delivering.next_mail(order), NOW)
    assert foreseen is not None
    changed = {name for name in type(order).model_fields if getattr(order, name) != getattr(before, name)}
    assert changed == {"serial", "version", "letters", "posting"}
