"""The e-mail with the finished files: while the mail server fails it is retried, and staff are told once.

A cancelled e-mail is waited for, since it cannot be recalled once the mail server has taken it.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.delivery import Delivery
    from domain.order.order import Order
    from domain.story import delivering
    from domain.texts.summaries import doing
    from domain.vocabulary.errors import Unforeseen
    from workflows import options
    from workflows.failures import is_shared, reason_of

ANSWER_DROPPED = "a letter whose answer was dropped is recorded"


async def deliver(order: Order) -> None:
    """Mail the finished files. A bug is raised, and reported to staff."""
    await _deliver(order, options.MAIL)


async def deliver_despite_failures(order: Order) -> None:
    """Mail the finished files after the server has failed before, and retry until it takes them."""
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
    except asyncio.CancelledError:  # its answer came together with the cancellation, and the SDK dropped it
        if workflow.patched(ANSWER_DROPPED):
            delivering.mail_cancelled(order, letter, workflow.now())
        raise
    except ActivityError as error:
        reason, kind = reason_of(error)
        if is_cancelled_exception(error):
            delivering.mail_cancelled(order, letter, workflow.now())
            raise
        if delivering.was_mail_cancelled(order, letter):  # its last try failed at the moment of the cancellation
            delivering.mail_cancelled(order, letter, workflow.now())
            return
        if kind == Unforeseen.__name__:
            raise
        delivering.mail_failed(order, letter, reason, workflow.now(), is_shared=is_shared(error))
    else:
        delivering.mail_finished(order, letter, outcome, workflow.now())
