"""How each message changes an order: one pure function per kind of message, listed in the table below."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain.order.inbox import Unreadable
from domain.order.messages import (
    SIGNALS,
    AnalysisReceived,
    Answer,
    CancelRequested,
    ConsentRecorded,
    CustomerMessage,
    DesignerFinished,
    DispatchChanged,
    EmailProvided,
    ImageReceived,
    LinkOpened,
    Message,
    OperationChanged,
    PaymentReceived,
    ProcessingResumed,
    QuoteSet,
    RefundRecorded,
    RequirementAdded,
    ResendRequested,
    ResultSubmitted,
    RevisionRequested,
    TransferRequested,
)
from domain.order.order import Order
from domain.story.handling import money, pictures, steering, verdicts, wishes, words

Handler = Callable[[Any, Order, datetime], Answer | None]


def handle(message: Message | Unreadable, order: Order, now: datetime) -> Answer | None:
    """Apply a message to the order and return the answer for its sender. A refusal is an answer, never an error."""
    answer = HANDLERS[type(message)](message, order, now)
    if isinstance(message, ImageReceived):
        replay_early(order, now)
    return answer


def replay_early(order: Order, now: datetime) -> None:
    """Handle again the messages about pictures that came before the pictures did."""
    early, order.early = order.early, []
    for said in early:
        EARLY[said.signal](SIGNALS[said.signal].model_validate(said.payload), order, now)


def _unreadable(message: Unreadable, order: Order, now: datetime) -> None:
    """Record an unreadable message in full, and tell staff that its sender needs fixing."""
    order.note("unreadable_signal", now, by="sender", **message.model_dump())
    order.tell_staff("staff_unreadable", now, signal=message.signal[:100], reason=message.fault)


HANDLERS: dict[type, Handler] = {
    Unreadable: _unreadable,
    ImageReceived: pictures.image_received,
    AnalysisReceived: pictures.analysis_received,
    TransferRequested: pictures.transfer_requested,
    DesignerFinished: pictures.designer_finished,
    DispatchChanged: pictures.dispatch_changed,
    ResultSubmitted: pictures.result_submitted,
    QuoteSet: money.quote_set,
    PaymentReceived: money.payment_received,
    RefundRecorded: money.refund_recorded,
    RequirementAdded: wishes.requirement_added,
    OperationChanged: wishes.operation_changed,
    CustomerMessage: words.customer_message,
    RevisionRequested: verdicts.revision_requested,
    EmailProvided: verdicts.email_provided,
    LinkOpened: verdicts.link_opened,
    ConsentRecorded: steering.consent_recorded,
    ResendRequested: steering.resend_requested,
    ProcessingResumed: steering.processing_resumed,
    CancelRequested: steering.cancel_requested,
}

EARLY: dict[str, Handler] = {  # kept for later if there is no picture yet
    "analysis_received": pictures.analysis_received,
    "requirement_added": wishes.requirement_added,
    "operation_changed": wishes.operation_changed,
    "customer_message": wishes.note_early,
}
