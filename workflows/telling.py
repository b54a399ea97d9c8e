"""Reporting what happened to an order: rows, messages, search attributes and the Web UI's details."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.alerting import Alerting
    from activities.reporting import Reporting
    from domain.attempts.work import Alert, Report
    from domain.order.journal import Lines
    from domain.order.order import Order
    from domain.story import details, progress
    from domain.story.bugs import report_refused_messages
    from domain.texts.catalogue import Language
    from domain.texts.summaries import doing
    from domain.vocabulary.trail import Notice
    from workflows import options
    from workflows.failures import raise_if_cancelled

HOURLY = timedelta(hours=1)
MOST_NOTICES = 10  # that fit into one message

CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
SHOP_ID = SearchAttributeKey.for_keyword("ShopId")
ORDER_STATUS = SearchAttributeKey.for_keyword("OrderStatus")
OPERATION = SearchAttributeKey.for_keyword("Operation")
HIGH_VALUE = SearchAttributeKey.for_bool("HighValue")
QA_SCORE = SearchAttributeKey.for_int("QaScore")


def show(order: Order, lines: Lines) -> None:
    """Update the Web UI: the details, and in one upsert the search attributes that changed.

    That work has begun is not worth an upsert of its own, since most work takes seconds: it is listed from the next
    workflow task on.
    """
    workflow.set_current_details(details.markdown(order, lines))
    shown = workflow.info().typed_search_attributes
    changed = [update for update in attributes(order) if shown.get(update.key) != update.value]
    is_brief = progress.has_just_begun(order, workflow.now()) and {one.key.name for one in changed} == {
        ORDER_STATUS.name
    }
    if changed and not is_brief:
        workflow.upsert_search_attributes(changed)


async def report(order: Order) -> None:
    """Write the rows and send the messages. Not a local activity: a concurrent query would break its replay."""
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
    """Write only the rows, while an earlier report is still trying to send messages."""
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
    """Send pending notices to staff, as many as fit into one message."""
    told = await tell_staff(order.order_id, order.notices, order.language, options.priority(order))
    order.notices = order.notices[told:]


async def tell_staff(
    name: str, notices: list[Notice], language: Language, priority: Priority = Priority.default
) -> int:
    """Tell staff in one message and return how many of the notices it contains.

    If a bug prevents it, nobody can be told about that bug either, so it is retried every hour until fixed.
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
            raise_if_cancelled(error)
            workflow.logger.exception("staff cannot be told")
            await workflow.sleep(HOURLY, summary=summary)
        else:
            return alerted.told


def attributes(order: Order) -> list[SearchAttributeUpdate[Any]]:
    """Return the current search attributes of an order."""
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
