import pytest

from domain.order.order import JOURNAL_LENGTH, Order
from domain.vocabulary.errors import IllegalMove
from domain.vocabulary.status import LABELS, LEAST_ADVANCED_FIRST, MOVES, Status
from tests.unit.domain.making import NOW, later, new_order, quoted_order, shown_order

S = Status
FINAL = {S.DECLINED, S.CANCELLED}


def order_with(*wanted: Status) -> Order:
    order = new_order(pictures=len(wanted))
    for picture, status in zip(order.pictures, wanted, strict=True):
        picture.status = status
    return order


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_a_move_is_made_where_the_table_has_it_and_refused_elsewhere(before: Status, after: Status) -> None:
    order = order_with(before)
    if after in MOVES[before]:
        order.move(order.pictures, after, NOW)
        assert order.pictures[0].status is after
        assert order.journal[-1].facts == {"from": before, "to": after}
    else:
        with pytest.raises(IllegalMove, match=f"{before} -> {after}"):
            order.move(order.pictures, after, NOW)
        assert order.pictures[0].status is before


def test_the_tables_know_every_status() -> None:
    assert set(MOVES) == set(LABELS) == set(LEAST_ADVANCED_FIRST) == set(Status)
    assert {status for status, ways in MOVES.items() if not ways} == FINAL


def test_money_and_work_never_go_backwards() -> None:
    assert not any(S.PENDING in ways for ways in MOVES.values())
    before_paid = {S.PENDING, S.EXPIRED, S.PROCESSING, S.WITH_DESIGNER}
    assert {status for status, ways in MOVES.items() if S.PAID in ways} == before_paid
    assert {status for status, ways in MOVES.items() if S.COMPLETED in ways} == {
        S.AWAITING_CONFIRM, S.REVISION,  # delivered
        S.PAID, S.PROCESSING, S.WITH_DESIGNER, S.FAILED,  # its rework is called off
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pictures", "status"),
    [
        ([S.COMPLETED], S.COMPLETED),
        ([S.COMPLETED, S.AWAITING_CONFIRM], S.AWAITING_CONFIRM),
        ([S.REVISION, S.AWAITING_CONFIRM], S.REVISION),
        ([S.PROCESSING, S.REVISION], S.PROCESSING),
        ([S.AWAITING_CONFIRM, S.FAILED], S.FAILED),
        ([S.CANCELLED, S.COMPLETED], S.COMPLETED),
        ([S.CANCELLED], S.PENDING),
        ([], S.PENDING),
    ],
)
def test_the_picture_with_the_longest_way_to_go_speaks_for_the_order(pictures: list[Status], status: Status) -> None:
    assert order_with(*pictures).status is status


def test_a_paid_order_without_a_picture_waits_in_paid() -> None:
    order = order_with()
    order.paid_at = NOW
    assert order.status is S.PAID


def test_what_is_told_is_no_news_any_more() -> None:
    order = quoted_order()
    assert order.has_unreported
    order.mark_told(order.serial)
    assert not order.has_unreported
    assert order.outbox == []
    order.say("ask_address", NOW)
    assert order.has_unreported


def test_what_happens_while_telling_stays_news() -> None:
    order = quoted_order()
    serial = order.serial
    order.say("ask_address", NOW)
    order.mark_told(serial)
    assert [message.phrase for message in order.outbox] == ["ask_address"]
    assert order.has_unreported


def test_no_line_of_the_journal_is_dropped_before_it_is_told() -> None:
    order = new_order()
    for number in range(500):
        order.note("customer_said", NOW, number=number)
    assert [entry.serial for entry in order.journal] == list(range(1, order.serial + 1))
    order.mark_told(order.serial - 100)
    assert len(order.journal) == 100
    order.mark_told(order.serial)
    assert len(order.journal) == JOURNAL_LENGTH


def test_messages_and_lines_have_ids_of_their_own() -> None:
    order = shown_order(pictures=2)
    ids = [message.message_id for message in order.outbox] + [entry.event_id for entry in order.journal]
    assert len(set(ids)) == len(ids)
    assert all(name.startswith(order.order_id) for name in ids)


def test_a_payment_binds_the_last_quote_told_before_it() -> None:
    order = quoted_order()
    second = order.quote.model_copy(update={"version": 2, "quoted_at": later(60)})
    order.quotes.append(second)
    assert order.quote_at(later(30)).version == 1
    assert order.quote_at(later(60)).version == 2
    assert order.quote_at(later(-60)).version == 1
    assert new_order().quote_at(NOW) is None


def test_a_picture_is_found_by_its_task() -> None:
    order = new_order(pictures=2)
    assert order.picture("TASK_20261122_7K3F9Q_2") is order.pictures[1]
    with pytest.raises(KeyError):
        order.picture("TASK_20261122_7K3F9Q_3")


def test_an_order_survives_being_written_down() -> None:
    order = shown_order(pictures=2, email="wang@example.com")
    assert Order.model_validate_json(order.model_dump_json()) == order
