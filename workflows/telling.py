"""Telling the outside what happened to an order: rows and messages, search attributes, the Web UI's details."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.alerting import Alerting
    from activities.reporting import Reporting
    from domain.attempts.work import Alert, Report
    from domain.order.order import Order
    from domain.story import details
    from domain.story.bugs import report_refused_messages
    from domain.texts.catalogue import Language
    from domain.texts.summaries import doing
    from domain.vocabulary.trail import Notice
    from workflows import options

HOURLY = timedelta(hours=1)
MOST_NOTICES = 10  # that one message may take

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
    news = order.next_report()
    reported = await workflow.execute_activity_method(
        Reporting.report,
        Report(order=news),
        **options.REPORT,
        summary=doing(order.language, "rows_and_messages", order.order_id, count=len(news.outbox)),
        priority=options.priority(order),
    )
    order.mark_told(news.serial)
    report_refused_messages(order, reported, workflow.now())


async def write_rows(order: Order) -> None:
    """Write the rows alone, while an earlier report still tries to speak."""
    news = order.next_report(is_silent=True)
    await workflow.execute_activity_method(
        Reporting.report,
        Report(order=news),
        **options.REPORT,
        summary=doing(order.language, "rows", order.order_id),
        priority=options.priority(order),
    )
    order.mark_written(news.serial)


async def alert(order: Order) -> None:
    """Tell staff what waits for them, as much as one message takes."""
    told = await tell_staff(order.order_id, order.notices, order.language, options.priority(order))
    order.notices = order.notices[told:]


async def tell_staff(
    name: str, notices: list[Notice], language: Language, priority: Priority = Priority.default
) -> int:
    """Tell staff something in one message; return how many of the notices are in it.

    Where a bug keeps it from them nobody can be told of that either: it is begun anew every hour until that is mended.
    """
    summary = doing(language, "notice", name, phrase=notices[0].phrase)
    while True:
        try:
            alerted = await workflow.execute_activity_method(
                Alerting.tell_staff,
                Alert(order_id=name, notices=notices[:MOST_NOTICES]),
                **options.TELL_STAFF,
                summary=summary,
                priority=priority,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.exception("staff cannot be told")
            await workflow.sleep(HOURLY, summary=summary)
        else:
            return alerted.told


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
