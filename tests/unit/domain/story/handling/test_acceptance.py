"""Acceptance: high risk waits for staff, low risk is quoted, what no machine can do is priced by a designer."""

from datetime import timedelta

from domain.order.hours import add_open_hours
from domain.order.order import Order
from domain.story import details, progress, screening
from domain.texts.phrase import written
from domain.vocabulary.pictures import Feasibility, Risk, RiskLevel
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    NOW,
    RULES,
    attempt,
    en,
    examine,
    happened,
    later,
    new_order,
    pass_time,
    phrases,
    send,
    statuses,
    told,
)

S = Status
HIGH = Risk(level=RiskLevel.HIGH, reasons=["official seal"])
HALF_AN_HOUR = add_open_hours(NOW, timedelta(minutes=30), RULES)


def risky(pictures: int = 1) -> Order:
    order = new_order(pictures)
    for picture in order.live:
        examine(order, picture, risk=HIGH)
    return order


def test_a_picture_of_high_risk_waits_for_staff_without_a_price() -> None:
    order = risky()
    assert (order.status, order.quote, told(order)) == (S.PENDING, None, ["risk_high"])
    assert order.notices[0].values["reasons"] == ["official seal"]


def test_nobody_looked_at_the_risk_for_half_an_hour_and_the_order_is_declined_politely() -> None:
    order = risky()
    pass_time(order, later(29 * 60))
    assert statuses(order) == [S.PENDING]
    pass_time(order, HALF_AN_HOUR)
    assert order.status is S.DECLINED
    assert phrases(order) == ["declined"]
    assert "refund_due" not in told(order)


def test_a_declined_order_that_was_paid_is_to_be_refunded() -> None:
    order = risky()
    send(order, "payment_received", payment_id="p1", amount="18")
    assert order.status is S.PAID
    pass_time(order, HALF_AN_HOUR)
    assert (order.status, order.label) == (S.DECLINED, "待退款")
    assert order.notices[-1].phrase == "staff_refund_due"
    assert "p1 (18.00 CNY)" in order.notices[-1].values["payments"]


def test_staff_let_a_risk_pass_and_it_is_quoted() -> None:
    order = risky()
    send(order, "processing_resumed", requested_by="staff", reason="an ID photo of the customer")
    assert [quote.span for quote in order.quotes] == ["15.00-20.00"]
    pass_time(order, HALF_AN_HOUR)
    assert statuses(order) == [S.PENDING]


def test_a_risk_that_staff_let_pass_is_not_raised_again_by_another_analysis() -> None:
    order = risky()
    send(order, "processing_resumed")
    send(order, "analysis_received", complexity="hard", risk={"level": "high"})
    assert order.live[0].review == "passed"
    assert order.quote.span == "25.00-30.00"


def test_staff_refuse_a_risk_at_once_by_cancelling() -> None:
    order = risky()
    send(order, "cancel_requested", requested_by="staff")
    assert (order.status, phrases(order)) == (S.DECLINED, ["declined"])


def test_one_risky_picture_of_two_is_declined_and_the_other_one_quoted() -> None:
    order = new_order(2)
    examine(order, order.live[0], risk=HIGH)
    examine(order, order.live[1])
    assert order.quotes == []
    pass_time(order, HALF_AN_HOUR)
    assert statuses(order) == [S.DECLINED, S.PENDING]
    assert (order.status, [quote.span for quote in order.quotes]) == (S.PENDING, ["15.00-20.00"])


def test_a_low_risk_is_quoted_and_staff_are_told() -> None:
    order = new_order()
    examine(order, order.live[0], risk=Risk(level=RiskLevel.LOW, reasons=["a famous painting"]))
    send(order, "email_provided", email="wang@example.com")
    assert order.quote is not None
    assert told(order) == ["risk_low"]


def test_no_risk_tells_staff_nothing() -> None:
    order = new_order()
    examine(order, order.live[0])
    assert told(order) == []


def test_what_no_machine_can_do_is_priced_by_a_designer() -> None:
    order = new_order()
    examine(order, order.live[0], feasible=Feasibility(possible=False, reason="hand lettering"))
    send(order, "email_provided", email="wang@example.com")
    assert (order.quotes, phrases(order), told(order)) == ([], ["cannot_do"], ["price_wanted"])
    send(order, "quote_set", amount="120", set_by="designer")
    assert [quote.span for quote in order.quotes] == ["120.00"]
    assert phrases(order)[-1] == "quote_hint"


def test_a_designer_works_only_once_it_is_paid() -> None:
    order = new_order()
    examine(order, order.live[0], feasible=Feasibility(possible=False, reason="hand lettering"))
    send(order, "quote_set", amount="120")
    assert "designer_wanted" not in told(order)
    send(order, "payment_received", payment_id="p1", amount="120")
    assert (order.status, told(order)) == (S.WITH_DESIGNER, ["price_wanted"])
    assert order.live[0].dispatch.reason == written("hand lettering")


def test_what_was_paid_before_a_designer_could_price_it_waits_for_their_price() -> None:
    order = new_order()
    send(order, "payment_received", payment_id="p1", amount="120")
    examine(order, order.live[0], feasible=Feasibility(possible=False, reason="hand lettering"))
    send(order, "consent_recorded", kind="terms")
    assert (statuses(order), en(details.waits_for(order))) == (
        [S.PAID],
        "a price from staff or a designer: hand lettering",
    )
    send(order, "quote_set", amount="120")
    assert statuses(order) == [S.WITH_DESIGNER]


def test_a_risk_met_at_night_is_judged_when_the_shop_opens_and_the_customer_hears_so() -> None:
    order = new_order()
    night = NOW.replace(hour=18)  # two in the morning in Shanghai
    picture = order.live[0]
    examine(order, picture)
    picture.analysis.risk = HIGH
    screening.screen(order, picture, night)
    assert "shop_closed" in phrases(order)
    pass_time(order, night + timedelta(hours=7))
    assert statuses(order) == [S.PENDING]
    pass_time(order, night + timedelta(hours=8))
    assert order.status is S.DECLINED
    assert happened(order).count("lapsed") == 1


def test_a_result_of_others_settles_the_risk() -> None:
    order = risky()
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "result_submitted", result_url="https://staff.example/1.png")
    picture = order.live[0]
    assert picture.submission is not None
    progress.adopted(order, picture, picture.submission, attempt(picture), NOW)
    pass_time(order, HALF_AN_HOUR)
    assert statuses(order) == [S.AWAITING_CONFIRM]


def test_one_of_two_pictures_that_is_declined_is_said_so() -> None:
    order = new_order(2)
    examine(order, order.live[0], risk=HIGH)
    examine(order, order.live[1])
    pass_time(order, HALF_AN_HOUR)
    assert phrases(order)[0] == "declined_one"


def test_a_picture_that_could_not_be_looked_at_waits_for_staff_and_is_looked_at_again() -> None:
    order = new_order()
    progress.look_failed(order, order.live[0], written("503"), NOW)
    assert (told(order), order.live[0].is_examined) == (["look_failed"], False)
    send(order, "processing_resumed")
    assert not order.live[0].look_failed


def test_a_picture_that_goes_to_a_designer_before_it_was_looked_at_is_looked_at_first() -> None:
    order = new_order()
    send(order, "payment_received", payment_id="p1", amount="18")
    send(order, "transfer_requested", reason="asked for")
    assert statuses(order) == [S.PAID]
    examine(order, order.live[0])
    send(order, "consent_recorded", kind="terms")
    assert statuses(order) == [S.WITH_DESIGNER]
    send(order, "processing_resumed")
    assert statuses(order) == [S.WITH_DESIGNER]
    send(order, "processing_resumed", task_id=order.live[0].task_id)
    assert statuses(order) == [S.PROCESSING]
