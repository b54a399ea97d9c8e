"""Processing the inbox: each message changes the order, or is recorded with the reason why it could not."""

from collections.abc import Callable
from datetime import datetime

from domain.bounds.limits import MOST_PICTURES
from domain.language import Act
from domain.order import capacity, objections
from domain.order.inbox import Inbox, Received, Unreadable
from domain.order.message_rows import Part, Row
from domain.order.messages import (
    AnalysisReceived,
    Answer,
    CancelRequested,
    ConsentRecorded,
    CustomerMessage,
    EmailProvided,
    PaymentReceived,
    RefundRecorded,
    ResendRequested,
    RevisionRequested,
    TransferRequested,
)
from domain.order.order import Order
from domain.story import consequences, handling, previews
from domain.story.bugs import report_bug
from domain.story.handling import money, words
from domain.texts.phrase import Said

REFUSAL_HINTS = {  # refusals that the bot tells the customer; the sender of an update gets them in its answer
    "change_after_payment", "change_after_end", "picture_too_late", "picture_after_end", "cancel_waits",
    "cancel_too_late", "no_preview_yet", "which_picture", "nothing_to_resend",
}  # fmt: skip
IMMEDIATE_ACTS = {Act.NOTHING, Act.NOTE, Act.TELL_STAFF}  # these do not wait for further messages
# With these the bot states exactly what the customer wants, having read their last messages itself.
EXACTLY_SAID = (CancelRequested, EmailProvided, ResendRequested, RevisionRequested, TransferRequested)


def process_inbox(inbox: Inbox, order: Order, now: datetime) -> None:
    """Let the messages in the inbox change the order. In a flood the rest waits until earlier changes are reported."""
    if inbox.row.parts and inbox.row.previews != previews.shown_previews(order):
        _discard_row(inbox, order, now)  # a new preview came: a yes must not accept what the customer has not seen
    while not order.has_report_backlog and (received := inbox.take()):
        if received.is_otherwise:
            _leave_to_staff(received, order)
            continue
        if isinstance(received.message, CustomerMessage) and order.known_rules.words_pause_seconds:
            _add_to_row(received.message, received, inbox, order)
            continue
        if isinstance(received.message, EXACTLY_SAID):
            _discard_row(inbox, order, received.received_at)
        answer = _process(received, order)
        if received.is_update or not answer.accepted:
            inbox.keep_answer(received.event, answer)
    if (until := row_due_at(inbox, order)) and until <= now:
        _read_row(inbox, order, now)


def row_due_at(inbox: Inbox, order: Order) -> datetime | None:
    """Return when the customer's last messages are read if reading waits for a pause, else None."""
    return inbox.row.until(order.known_rules.words_pause_seconds)


def _add_to_row(message: CustomerMessage, received: Received, inbox: Inbox, order: Order) -> None:
    """Add a message to the row. The row is acted on at once unless further messages may change its meaning."""
    now = received.received_at
    if inbox.row.is_over(order.known_rules.words_pause_seconds, now):
        if inbox.row.is_held:
            _read_row(inbox, order, now)
        inbox.row = Row()
    inbox.row.previews = inbox.row.previews if inbox.row.parts else previews.shown_previews(order)
    _run_safely(received, order, lambda: words.record(message, order, now))
    part = Part(event=received.event, text=message.text, at=now, is_update=received.is_update)
    inbox.row.parts.append(part)
    inbox.row.is_held = words.predicted_act(inbox.row.text, order) not in IMMEDIATE_ACTS
    if not inbox.row.is_held or inbox.row.is_full:
        _read_row(inbox, order, now)


def _read_row(inbox: Inbox, order: Order, now: datetime) -> None:
    """Act on the row as one text. If nothing follows from it, the row stays open for further messages."""
    row, spoken = inbox.row, order.serial
    act = words.predicted_act(row.text, order)
    last = Received(
        message=CustomerMessage(text=row.text), event=row.parts[-1].event, received_at=now,
        is_update=row.parts[-1].is_update,
    )  # fmt: skip
    answer = _run_safely(last, order, lambda: words.respond_to(row.text, order, now))
    _route_replies(last, answer, order, spoken)
    is_told = bool(answer.reply) or answer.is_sent or any(message.serial > spoken for message in order.outbox)
    _answer_all(inbox, answer, is_told=is_told)
    if act is not Act.NOTHING or row.is_full:
        inbox.row = Row()


def _answer_all(inbox: Inbox, answer: Answer, *, is_told: bool) -> None:
    """Answer every message of the row: the last one gets the answer, earlier ones that no reply is needed."""
    row = inbox.row
    row.is_held = False
    open_parts = [part for part in row.parts if not part.is_answered]
    updates = [part for part in open_parts if part.is_update]
    for part in open_parts:
        part.is_answered = True
        is_last = part is row.parts[-1] or (bool(updates) and part is updates[-1] and not is_told)
        if is_last and (part.is_update or not answer.accepted):
            inbox.keep_answer(part.event, answer)
        elif part.is_update:
            inbox.keep_answer(part.event, Answer(is_sent=True))


def _discard_row(inbox: Inbox, order: Order, now: datetime) -> None:
    """Drop the pending row: the bot has said what it means, or it was about an older preview."""
    if inbox.row.is_held:
        order.note("words_passed_over", now, text=inbox.row.text)
        _answer_all(inbox, Answer(), is_told=False)
    inbox.row = Row()


def _leave_to_staff(received: Received, order: Order) -> None:
    """Record and report a message that reuses an id with different content. The first content stays valid."""
    message, now = received.message, received.received_at
    assert not isinstance(message, Unreadable)
    order.note("said_otherwise", now, by="sender", name=received.event, then=message.weight)
    order.tell_staff("staff_said_otherwise", now, name=received.event, then=message.weight[: objections.SHOWN])


def _process(received: Received, order: Order) -> Answer:
    spoken = order.serial
    answer = _run_safely(received, order, lambda: _handle(received, order))
    _route_replies(received, answer, order, spoken)
    return answer


def _run_safely(received: Received, order: Order, handle: Callable[[], Answer | None]) -> Answer:
    """Run a handler, then the rules. After a bug the message is recorded, staff are told, and the order goes on."""
    try:
        answer = handle() or Answer()
        consequences.apply_rules(order, received.received_at)  # so that the next message meets an up-to-date order
    except Exception as error:  # noqa: BLE001 - a bug
        report_bug(order, received.event, error, received.received_at, **received.message.model_dump(mode="json"))
        return Answer(accepted=False, reason=Said(phrase="something_went_wrong"))
    return answer


def _route_replies(received: Received, answer: Answer, order: Order, spoken: int) -> None:
    """Send a reply in the answer of an update, or as a chat message: never both."""
    if received.is_update:
        answer.reply = _pop_replies(order, spoken)
        answer.is_sent = any(message.serial > spoken and message.kind == "link" for message in order.outbox)
        return
    for phrase in capacity.refusals_since(order, spoken):
        order.hint(capacity.HINTS[phrase], phrase, received.received_at, most=str(MOST_PICTURES))
    if answer.reason and answer.reason.phrase in REFUSAL_HINTS and not _is_from_staff(received):
        reason = answer.reason
        order.hint(f"{reason.phrase}_hint", reason.phrase, received.received_at, **reason.values)


def _handle(received: Received, order: Order) -> Answer:
    """Let a message change the order if the order has room for it; otherwise only record it."""
    message, now = received.message, received.received_at
    if refused := capacity.refusal(order, message):
        assert refused.reason
        facts = message.model_dump(mode="json", exclude_defaults=True)
        order.note("no_room", now, by="sender", refused=refused.reason.phrase, **facts)
        if isinstance(message, PaymentReceived | RefundRecorded):
            money.leave_to_staff(message, order, now)
        else:
            is_of_bot = isinstance(message, AnalysisReceived | ConsentRecorded)
            capacity.record_refusal(order, capacity.TOO_MUCH_FROM_BOT if is_of_bot else refused.reason.phrase, now)
        return refused
    return handling.handle(message, order, now) or Answer()


def _is_from_staff(received: Received) -> bool:
    message = received.message
    return "staff" in {getattr(message, "changed_by", ""), getattr(message, "requested_by", "")}


def _pop_replies(order: Order, spoken: int) -> list[Said]:
    """Remove the texts that a message added to the outbox, and return them for its answer."""
    said = [message for message in order.outbox if message.serial > spoken and message.kind == "text"]
    order.outbox = [message for message in order.outbox if message not in said]
    return [Said(phrase=message.phrase, values=message.values) for message in said]
