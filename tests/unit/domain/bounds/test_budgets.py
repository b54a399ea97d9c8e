"""What an order keeps and hands on is measured in bytes, and nothing is left out of the rows for that."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.db.projection import change_rows, event_rows, order_row, photo_rows, tags_of_tasks, task_rows
from domain.bounds import budgets
from domain.order.inbox import Inbox
from domain.order.order import Order
from domain.story import details, hearing
from domain.vocabulary.pictures import Analysis
from tests.unit.domain.making import NOW, attempt, customer_says, make, quoted_order, send, shown_order, working_order

ARCHITECTURE = Path(__file__).parents[4] / "docs/architecture.md"
NOT_A_CEILING = {"MARGIN", "MOST_LINES", "PAYMENTS", "SHOWN", "LONGEST_WORDS", "TAGS_OF_ONE_TEXT"}


def test_the_documents_name_every_budget_with_its_figure() -> None:
    known = {name: value for name, value in vars(budgets).items() if name.isupper() and isinstance(value, int)}
    lines = [line for line in ARCHITECTURE.read_text().splitlines() if line.startswith("| ")]
    for name in known.keys() - NOT_A_CEILING:
        (row,) = [line for line in lines if f"`{name}`" in line]
        assert re.search(rf"\b{known[name] // 1000}\b", row.split("|")[3]), name


def told_in_portions(order: Order) -> list[Order]:
    """What reports carry until all is told."""
    reports = []
    while order.has_unreported:
        reports.append(order.next_report())
        order.mark_told(reports[-1].serial)
    return reports


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.text(st.sampled_from('亮暗😀a\n"'), min_size=1, max_size=2000)), max_size=60
    )
)
def test_a_flood_is_told_in_portions_that_fit_and_nothing_is_left_out(wishes: list[tuple[int, str]]) -> None:
    order = quoted_order(3)
    for number, wish in wishes:
        order.change(order.pictures[number - 1].task_id, "add_requirement", "无", wish, NOW, by="staff")
        order.note("customer_said", NOW, text=wish)
    lines, changes, said = event_rows(order), change_rows(order), [one.message_id for one in order.outbox]
    reports = told_in_portions(order)
    assert max(map(budgets.size, reports), default=0) < budgets.PAYLOAD
    assert [row for report in reports for row in event_rows(report)] == lines
    assert [row for report in reports for row in change_rows(report)] == changes
    assert [one.message_id for report in reports for one in report.outbox] == said
    assert not order.outbox


def revised_order() -> Order:
    """An order of three pictures: one that was shown again after several attempts, one at work, one looked at."""
    order = shown_order(3)
    customer_says(order, "第一张太暗,亮一点")
    attempt(order.pictures[0], 40, issue="still dark")
    attempt(order.pictures[0], None, "ModelRefused")
    make(order, order.pictures[0])
    customer_says(order, "第二张重做,背景换白")
    attempt(order.pictures[1], 30)
    return order


def test_the_rows_of_what_a_report_carries_are_those_of_the_whole_order() -> None:
    for order in (quoted_order(2), working_order(), revised_order()):
        news = order.next_report()
        assert order_row(news) == order_row(order)
        for rows in (photo_rows, tags_of_tasks):
            assert rows(news) == rows(order)
        of_lines = {"created_at", "updated_at"}  # read from the lines that each has
        whole, told = task_rows(order), task_rows(news)
        assert [{k: v for k, v in row.items() if k not in of_lines} for row in told] == [
            {k: v for k, v in row.items() if k not in of_lines} for row in whole
        ]
        assert details.waits_for(news) == details.waits_for(order)


@pytest.mark.parametrize(
    "text", ["😀" * 255, "猫,狗;" * 50, "a cat, a dog, " * 17], ids=["emoji", "chinese", "english"]
)
def test_however_long_an_analysis_is_the_rows_carry_only_the_first_tags(text: str) -> None:
    order = quoted_order(1)
    order.pictures[0].analysis = Analysis(subject=text, proc_type=text, quality=text, prompt=text)
    news = order.next_report()
    assert budgets.size(news.pictures[0].analysis) <= 2 * budgets.TAGS_OF_ONE_TEXT + len(
        '{"subject":"","proc_type":""}'
    )
    assert tags_of_tasks(news)[:2] == tags_of_tasks(order)[:2]


def test_what_is_forgotten_of_attempts_is_still_counted() -> None:
    picture = revised_order().pictures[0]
    counts = (picture.attempt_count, picture.retry_count, picture.designer_results, picture.revision_count)
    picture.forget_attempts({picture.shown})
    picture.forget_revisions(0)
    assert len(picture.attempts) == 1
    assert picture.result
    assert (picture.attempt_count, picture.retry_count, picture.designer_results, picture.revision_count) == counts


def test_lines_that_are_told_are_kept_as_long_as_they_are_few_and_short() -> None:
    order = quoted_order()
    for number in range(40):
        order.note("customer_said", NOW, text=f"{number}" + "字" * 1900)
    assert len(order.journal) >= 40, "nothing untold is dropped"
    order.mark_told(order.serial)
    assert 0 < budgets.sizes(order.journal) <= budgets.KEPT_JOURNAL
    assert order.journal[-1].facts["text"].startswith("39")


def test_a_change_says_what_was_said_before_it_not_all_that_ever_was() -> None:
    order = quoted_order()
    for wish in ("白底", "2K", "P掉路人"):
        send(order, "requirement_added", requirement=wish)
        customer_says(order, f"要{wish}")
    changes = [
        (change.change_type, change.old, change.new)
        for change in order.changes
        if change.change_type != "modify_operation"
    ]
    assert changes == [
        ("add_requirement", "无", "白底"), ("add_note", "无", "要白底"),
        ("add_requirement", "白底", "2K"), ("add_note", "要白底", "要2K"),
        ("add_requirement", "2K", "P掉路人"), ("add_note", "要2K", "要P掉路人"),
    ]  # fmt: skip


def test_the_rows_go_on_however_much_cannot_be_said() -> None:
    order = shown_order()
    for number in range(2 * budgets.MOST_LINES):
        order.say("quote", NOW, count=str(number))
    for _ in range(10):
        order.mark_written(order.next_report(is_silent=True).serial)
    assert not order.has_unreported
    order.note("noted", NOW)
    news = order.next_report(is_silent=True)
    assert ([entry.what for entry in news.journal], news.outbox) == (["noted"], [])
    assert [message.serial for message in order.next_report().outbox][:2] == [
        order.outbox[0].serial,
        order.outbox[1].serial,
    ]


def test_no_flood_of_refunds_keeps_a_payment_out_and_a_long_reason_keeps_out_no_refund() -> None:
    order, inbox = quoted_order(), Inbox()
    for number in range(100):
        inbox.put("refund_recorded", {"refund_id": f"r{number}", "amount": "1", "reason": "字" * 2000}, (), NOW)
    inbox.put("payment_received", {"payment_id": "p1", "amount": "18.00"}, (), NOW)
    while inbox:
        hearing.process_inbox(inbox, order, NOW)
        told_in_portions(order)
    assert len(order.refunds) == budgets.PAYMENTS
    assert [payment.payment_id for payment in order.payments] == ["p1"]
    assert "staff_refund_no_room" in [notice.phrase for notice in order.notices]
