"""Telling the outside what happened to an order: rows and messages, search attributes, the Web UI's details."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import FailureError, is_cancelled_exception

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


async def tell(order: Order, timezone: str) -> None:
    """Bring rows, customer and Web UI up to date with everything that happened so far."""
    workflow.set_current_details(details.markdown(order, timezone))
    _show(order)
    while order.has_news:
        order.version += 1
        serial = order.serial
        await _report(order)
        order.told(serial)


async def _report(order: Order) -> None:
    """One local activity: no event but a marker. When it cannot be done at once, a regular one that waits it out."""
    report = Report(order=order)
    try:
        await workflow.execute_local_activity_method(Reporting.report, report, **options.AT_ONCE)
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        await workflow.execute_activity_method(
            Reporting.report,
            report,
            **options.REPORT,
            summary=f"rows and messages of version {order.version}",
            priority=options.priority(order),
        )


def _show(order: Order) -> None:
    """Set the search attributes that changed, in one upsert."""
    shown = workflow.info().typed_search_attributes
    changed = [update for update in attributes(order) if shown.get(update.key) != update.value]
    if changed:
        workflow.upsert_search_attributes(changed)


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
