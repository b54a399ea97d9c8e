"""The letter with the finished files: a mail server in trouble is tried on and on, and staff hear of it once.

One that is called off is heard out: what the mail server took cannot be called back.
"""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.delivery import Delivery
    from domain import delivering
    from domain.doing import doing
    from domain.errors import Unforeseen
    from domain.order import Order
    from domain.work import MailInput
    from workflows import options
    from workflows.picture import reason_of


async def deliver(order: Order) -> None:
    """Mail the finished files; a bug ends it, and staff look at it."""
    letter = delivering.letter(order)
    try:
        await _mail(order, letter, options.MAIL)
    except ActivityError as error:
        if is_cancelled_exception(error) or reason_of(error)[1] == Unforeseen.__name__:
            raise
        delivering.not_mailed(order, letter, reason_of(error)[0], workflow.now())


async def deliver_in_trouble(order: Order) -> None:
    """Mail the finished files although the server did not take them, however long that takes."""
    await _mail(order, delivering.letter(order), options.MAIL_IN_TROUBLE)


async def _mail(order: Order, letter: MailInput, how: options.Options) -> None:
    try:
        outcome = await workflow.execute_activity_method(
            Delivery.mail,
            letter,
            **how,
            summary=doing(order.language, "letter", order.order_id, number=letter.delivery),
            priority=options.priority(order),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            delivering.called_off(order, letter, workflow.now())
        raise
    delivering.mailed(order, letter, outcome, workflow.now())
