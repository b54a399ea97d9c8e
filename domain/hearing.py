"""Reading the inbox into the order: each message changes it, or is on record with why it could not."""

from domain import consequences, handling
from domain.bugs import note_bug
from domain.inbox import Inbox, Received
from domain.messages import Answer
from domain.order import Order
from domain.phrase import Said

REFUSAL_HINTS = {  # refusals that the customer is to hear by the bot; who sent an update hears them in its answer
    "change_after_payment", "change_after_end", "picture_too_late", "picture_after_end", "cancel_waits",
    "cancel_too_late", "no_preview_yet", "which_picture", "nothing_to_resend",
}  # fmt: skip


def hear(inbox: Inbox, order: Order) -> None:
    """Let what waits in the inbox change the order; a flood waits until the news of what was heard are told."""
    while not order.is_full_of_news and (received := inbox.take()):
        answer = _hear(received, order)
        if received.is_update or not answer.accepted:
            inbox.keep_answer(received.event, answer)


def _hear(received: Received, order: Order) -> Answer:
    spoken = order.serial
    try:
        answer = handling.handle(received.message, order, received.received_at) or Answer()
        consequences.draw(order, received.received_at)  # the next message meets the order as it is then
    except Exception as error:  # noqa: BLE001 - a bug of ours: the message is kept, the order goes on, staff are told
        note_bug(order, received.event, error, received.received_at, **received.message.model_dump(mode="json"))
        return Answer(accepted=False, reason=Said(phrase="something_went_wrong"))
    if received.is_update:
        answer.reply = _taken_from_outbox(order, spoken)
        answer.is_sent = any(message.serial > spoken and message.kind == "link" for message in order.outbox)
    elif answer.reason and answer.reason.phrase in REFUSAL_HINTS and not _is_of_staff(received):
        reason = answer.reason
        order.hint(f"{reason.phrase}_hint", reason.phrase, received.received_at, **reason.values)
    return answer


def _is_of_staff(received: Received) -> bool:
    message = received.message
    return "staff" in {getattr(message, "changed_by", ""), getattr(message, "requested_by", "")}


def _taken_from_outbox(order: Order, spoken: int) -> list[Said]:
    """What the message made us say goes back in the answer, and nowhere else."""
    said = [message for message in order.outbox if message.serial > spoken and message.kind == "text"]
    order.outbox = [message for message in order.outbox if message not in said]
    return [Said(phrase=message.phrase, values=message.values) for message in said]
