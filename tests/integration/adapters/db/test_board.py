"""The board reads the rows that workflows wrote: the queue, the filters, an order as a whole, and who looks at it."""

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.board import Board
from adapters.db.board_filter import OrderFilter
from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from adapters.db.saved_views import MOST as MOST_VIEWS
from adapters.db.saved_views import SavedViews
from adapters.db.viewers import SEEN_SECONDS, Viewer, Viewers
from domain.order.order import Order
from domain.order.picture import Note
from domain.texts.phrase import said
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.money import Fixed, Hold, Quote
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import Status
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import NOW, ORDER_ID, TASK_ID, call, finished_order, new_order

ANY = OrderFilter()
SECOND = "ORDER_20261123_ABCDEF"


def held_order() -> Order:
    """An order whose payment staff have to check, of another shop and with other words."""
    order = new_order()
    order.order_id, order.acc_id, order.customer_id = SECOND, "shop2", "tb_002"
    order.created_at = NOW + timedelta(days=1)
    picture = order.pictures[0]
    picture.task_id, picture.operation = SECOND.replace("ORDER", "TASK") + "_1", Operation.VECTORIZE
    picture.notes, picture.status = [Note(at=NOW, text="Logo 50% off_")], Status.PAID
    order.paid_at, order.hold = order.created_at, Hold(why=said("payment.too_little"), since=order.created_at)
    order.journal = [entry.model_copy(update={"event_id": f"{SECOND}-E1"}) for entry in order.journal]
    order.needs_since = {"payment": order.created_at}
    return order


@pytest.fixture
async def board(engine: AsyncEngine, records: PostgresRecords) -> Board:
    await records.save(finished_order())
    await records.save(held_order())
    return Board(engine)


async def found(board: Board, wanted: OrderFilter) -> list[str]:
    orders = [row["order_id"] for row in await board.orders(wanted, limit=10)]
    assert await board.count(wanted) == len(orders)
    return orders


async def test_only_orders_that_need_staff_are_in_the_queue(board: Board) -> None:
    (row,) = await board.needing(ANY)
    assert (row["order_id"], row["pictures"], row["customer_name"]) == (SECOND, 1, "王芳")
    (need,) = row["needs"]
    assert (need["kind"], need["why"]["phrase"], need["since"][:10]) == ("payment", "payment.too_little", "2026-11-23")
    assert need["due_at"]
    assert len(await board.needing(ANY, also=[ORDER_ID])) == 2
    assert await board.needing(replace(ANY, acc_id="shop1")) == []


async def test_lists_are_newest_first_and_go_on_where_they_ended(board: Board) -> None:
    assert await found(board, ANY) == [SECOND, ORDER_ID]
    (first,) = await board.orders(ANY, limit=1)
    (second,) = await board.orders(ANY, limit=1, before=(first["created_at"], first["order_id"]))
    assert (first["order_id"], second["order_id"]) == (SECOND, ORDER_ID)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (OrderFilter(words="abcdef"), [SECOND]),
        (OrderFilter(words="TB_001"), [ORDER_ID]),
        (OrderFilter(words="脸部"), [ORDER_ID]),
        (OrderFilter(words="logo 50% OFF_"), [SECOND]),
        (OrderFilter(words="50%off"), []),
        (OrderFilter(words="%"), [SECOND]),
        (OrderFilter(words="'"), []),
        (OrderFilter(status="completed"), [ORDER_ID]),
        (OrderFilter(status="awaiting_refund"), []),
        (OrderFilter(operation="vectorize"), [SECOND]),
        (OrderFilter(need="payment"), [SECOND]),
        (OrderFilter(need="failed"), []),
        (OrderFilter(acc_id="shop2"), [SECOND]),
        (OrderFilter(model="no-such-model"), []),
        (OrderFilter(start=NOW + timedelta(hours=1)), [SECOND]),
        (OrderFilter(end=NOW + timedelta(hours=1)), [ORDER_ID]),
        (OrderFilter(is_high_value=True), []),
    ],
)
async def test_each_filter_finds_its_orders(board: Board, wanted: OrderFilter, expected: list[str]) -> None:
    assert await found(board, wanted) == expected


async def test_orders_are_found_by_the_model_that_worked_on_them(board: Board, ledger: PostgresLedger) -> None:
    await ledger.open_call(call())
    assert await board.models() == ["gemini-3.1-flash-image"]
    assert await found(board, OrderFilter(model="gemini-3.1-flash-image")) == [ORDER_ID]


async def test_the_figures_count_orders_and_name_the_next_deadline(board: Board) -> None:
    figures = await board.figures(NOW)
    assert (figures.needing, await board.by_status()) == (1, {"completed": 1, "paid": 1})
    assert figures.deadline
    assert (figures.deadline["order_id"], figures.deadline["deadline"]) == (SECOND, "hold")
    assert (await board.figures(NOW + timedelta(days=30))).deadline is None


async def test_an_order_is_read_as_a_whole(board: Board, ledger: PostgresLedger) -> None:
    await ledger.open_call(call())
    whole = await board.order(ORDER_ID)
    assert whole
    assert [picture["task_id"] for picture in whole.pictures] == [TASK_ID]
    assert [one["model"] for one in whole.calls] == ["gemini-3.1-flash-image"]
    assert [payment["amount"] for payment in whole.payments] == [Decimal("15.5")]
    assert [event["serial"] for event in whole.events] == sorted(event["serial"] for event in whole.events)
    assert (await board.version(ORDER_ID), await board.version("ORDER_20261122_AAAAAA")) == (7, 0)
    assert await board.order("ORDER_20261122_AAAAAA") is None


async def test_each_version_of_a_quote_stays(board: Board, records: PostgresRecords) -> None:
    order = finished_order()
    first = order.quotes[-1]
    last = first.model_copy(update={"version": 2, "fixed": Fixed(amount=Decimal(12), reason="老客户")})
    order.quotes, order.version = [first, last], order.version + 1
    for _ in range(2):
        await records.save(order)
    found = await board.order(ORDER_ID)
    assert found
    assert [Quote.model_validate(row["quote"]) for row in found.quotes] == [first, last]


async def test_who_looks_at_an_order_is_known_until_they_leave_or_are_gone(engine: AsyncEngine, query: Query) -> None:
    viewers, wang, li = Viewers(engine), Viewer(uuid.uuid4(), "小王"), Viewer(uuid.uuid4(), "小李")
    for viewer in (wang, li, wang):
        await viewers.seen(ORDER_ID, viewer)
    assert {viewer.name for viewer in await viewers.of(ORDER_ID)} == {"小王", "小李"}
    await viewers.left(ORDER_ID, li)
    assert await viewers.of(ORDER_ID) == [wang]
    await query(f"UPDATE order_viewers SET seen_at = seen_at - interval '{SEEN_SECONDS + 1} s'")
    assert await viewers.of(ORDER_ID) == []
    await query(f"UPDATE order_viewers SET seen_at = seen_at - interval '{SEEN_SECONDS} s'")
    await viewers.seen(SECOND, li)
    assert await query("SELECT order_id FROM order_viewers") == [{"order_id": SECOND}]


async def test_views_are_of_one_person_or_of_all(engine: AsyncEngine) -> None:
    views, wang, li = SavedViews(engine), uuid.uuid4(), uuid.uuid4()
    await views.save(wang, "我的", "status=failed", is_shared=False)
    await views.save(wang, "大家的", "need=refund", is_shared=True)
    assert [(view.name, view.is_shared, view.is_mine) for view in await views.of(li)] == [("大家的", True, False)]
    assert {view.name for view in await views.of(wang)} == {"我的", "大家的"}
    mine = next(view for view in await views.of(wang) if not view.is_shared)
    await views.delete(li, mine.view_id)
    assert len(await views.of(wang)) == 2
    for view in await views.of(wang):
        await views.delete(wang, view.view_id)
    assert await views.of(wang) == []


async def test_views_are_bounded(engine: AsyncEngine) -> None:
    views, wang = SavedViews(engine), uuid.uuid4()
    for number in range(MOST_VIEWS):
        await views.save(wang, str(number), "status=failed", is_shared=False)
    with pytest.raises(MalformedRequest, match="delete one first"):
        await views.save(wang, "one more", "status=failed", is_shared=False)
    await views.save(uuid.uuid4(), "of somebody else", "status=failed", is_shared=False)
