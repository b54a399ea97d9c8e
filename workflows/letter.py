"""The letter with the finished files: a mail server in trouble is tried on and on, and staff hear of it once.

One that is called off is heard out: what the mail server took cannot be called back.
"""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.delivery import Delivery
    from domain.order.order import Order
    from domain.story import delivering
    from domain.texts.summaries import doing
    from domain.vocabulary.errors import Unforeseen
    from workflows import options
    from workflows.picture import is_shared, reason_of


async def deliver(order: Order) -> None:
    """Mail the finished files; a bug ends it, and staff look at it."""
    await _deliver(order, options.MAIL)


async def deliver_despite_failures(order: Order) -> None:
    """Mail the finished files although the server did not take them, however long that takes."""
    await _deliver(order, options.MAIL_IN_TROUBLE)


async def _deliver(order: Order, how: options.Options) -> None:
    letter = delivering.next_mail(order)
    try:
        outcome = await workflow.execute_activity_method(
            Delivery.mail,
            letter,
            **how,
            summary=doing(order.language, "letter", order.order_id, number=letter.delivery),
            priority=options.priority(order),
        )
    except ActivityError as error:
        reason, kind = reason_of(error)
        if is_cancelled_exception(error):
            delivering.mail_cancelled(order, letter, workflow.now())
            raise
        if kind == Unforeseen.__name__:
            raise
        delivering.mail_failed(order, letter, reason, workflow.now(), is_shared=is_shared(error))
    else:
        delivering.mail_finished(order, letter, outcome, workflow.now())
