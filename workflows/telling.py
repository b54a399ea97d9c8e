"""Telling the outside what happened to an order: rows and messages, search attributes, the Web UI's details."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from activities.reporting import Reporting
    from domain import details
    from domain.messages import Report
    from domain.order import Order
    from workflows import options

CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
SHOP_ID = SearchAttributeKey.for_keyword("ShopId")
ORDER_STATUS = SearchAttributeKey.for_keyword("OrderStatus")
OPERATION = SearchAttributeKey.for_keyword("Operation")
HIGH_VALUE = SearchAttributeKey.for_bool("HighValue")
QA_SCORE = SearchAttributeKey.for_int("QaScore")


def show(order: Order) -> None:
    """Bring the Web UI up to date: the details, and in one upsert the search attributes that changed."""
    workflow.set_current_details(details.markdown(order))
    shown = workflow.info().typed_search_attributes
    changed = [update for update in attributes(order) if shown.get(update.key) != update.value]
    if changed:
        workflow.upsert_search_attributes(changed)


async def report(order: Order) -> None:
    """Write the rows and hand over the messages. No local activity: a query beside one makes an order unreplayable."""
    serial, news = order.serial, order.news()
    await workflow.execute_activity_method(
        Reporting.report,
        Report(order=news),
        **options.REPORT,
        summary=f"{order.order_id}: rows and {len(news.outbox)} message(s)",
        priority=options.priority(order),
    )
    order.told(serial)


def attributes(order: Order) -> list[SearchAttributeUpdate[Any]]:
    """Return the search attributes of an order as it stands."""
    operations = sorted({picture.operation for picture in order.live if picture.operation})
    scores = [picture.result.score for picture in order.live if picture.result and picture.result.score is not None]
    known: list[SearchAttributeUpdate[Any]] = [
        CUSTOMER_ID.value_set(order.customer_id),
        SHOP_ID.value_set(order.acc_id),
        ORDER_STATUS.value_set(order.status.value),
        HIGH_VALUE.value_set(order.high_value),
    ]
    if operations:
        known.append(OPERATION.value_set(",".join(operations)))
    if scores:
        known.append(QA_SCORE.value_set(min(scores)))
    return known
