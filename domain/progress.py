"""What the results of work change in an order: a picture was examined, made, shown, mailed."""

from datetime import datetime

from domain import quoting
from domain.messages import DeliveredFile, Examined, MailInput, MailOutcome
from domain.order import Attempt, Order, Picture, Status
from domain.pictures import Operation
from domain.sizes import checkable

AT_WORK = (Status.PAID, Status.PROCESSING)


def examined(order: Order, picture: Picture, found: Examined, now: datetime) -> None:
    """Take in what the first look at a picture brought; what is no picture leaves the order, and is said."""
    order.rules = order.rules or found.rules
    if found.refused:
        picture.error = found.refused
        order.move([picture], Status.CANCELLED, now)
        order.note("picture_refused", now, task_id=picture.task_id, reason=found.refused)
        order.say("picture_unreadable", now)
        return
    picture.original = found.original
    picture.analysis = picture.analysis or found.analysis
    picture.operation = picture.operation or _operation_by_analysis(picture)
    facts = {"provider": found.call.provider, "model": found.call.model} if found.call else {}
    order.note("examined", now, task_id=picture.task_id, operation=picture.operation, **facts)


def _operation_by_analysis(picture: Picture) -> Operation:
    """Words that name no operation are a request to change something, unless the analysis knows better."""
    named = picture.analysis.proc_type if picture.analysis else ""
    wanted = Operation(named) if named in set(Operation) else Operation.EDIT
    return checkable(wanted, picture.size) or Operation.EDIT


def is_taken_in(order: Order) -> bool:
    """Whether there are pictures, and all of them were looked at."""
    return bool(order.live) and all(picture.is_examined for picture in order.live)


def quote(order: Order, now: datetime) -> None:
    """Quote the order anew where that says something new; what was paid before any quote is held against the first."""
    new = quoting.quote(order, order.known_rules.prices, now)
    if (order.paid_at and order.quotes) or not new.lines or not quoting.is_news(new, order.quote):
        return
    order.quotes.append(new)
    order.note("quoted", now, version=new.version, span=new.span, high_value=new.high_value)
    if order.paid_at:
        quoting.judge_early_payments(order.payments, new)
        return
    reasons = "; ".join(factor for line in new.lines for factor in line.factors)
    order.hint("quote_hint", "quote", now, count=str(len(new.lines)), span=new.span, reasons=reasons)


def start(order: Order, picture: Picture, now: datetime) -> None:
    """Begin the first round of a paid picture."""
    if picture.status is Status.PAID:
        picture.started_at = now
        order.move([picture], Status.PROCESSING, now)


def attempted(order: Order, picture: Picture, attempt: Attempt, now: datetime) -> None:
    """Keep what an attempt came to."""
    score = attempt.look.score if attempt.look else None
    issue = attempt.error or (attempt.look.issue if attempt.look else "")
    order.note(
        "attempted", now, task_id=picture.task_id, attempt=attempt.number, provider=attempt.provider,
        model=attempt.model, score=score, issue=issue,
    )  # fmt: skip


def show(order: Order, picture: Picture, best: Attempt, now: datetime) -> None:
    """Put the best attempt before the customer; once no picture is at work any more, the bot says so."""
    assert best.result is not None
    picture.shown, picture.error = best.number, ""
    order.move([picture], Status.AWAITING_CONFIRM, now)
    order.show(best.result.preview_key, now)
    _ask_for_a_word(order, now)


def fail(order: Order, picture: Picture, reason: str, now: datetime) -> None:
    """Give a picture up; the customer is asked to wait, staff see why."""
    picture.error = reason
    order.move([picture], Status.FAILED, now)
    order.say("please_wait", now)
    if order.with_status(Status.AWAITING_CONFIRM):
        _ask_for_a_word(order, now)


def _ask_for_a_word(order: Order, now: datetime) -> None:
    if not order.with_status(*AT_WORK):
        order.hint("preview_hint", "preview", now)


def is_deliverable(order: Order) -> bool:
    """Whether the customer has accepted every picture and told where to send them."""
    accepted = [picture for picture in order.live if picture.status is Status.AWAITING_CONFIRM and picture.accepted]
    finished = order.with_status(Status.COMPLETED)
    return bool(order.email and accepted) and len(accepted) + len(finished) == len(order.live)


def files(order: Order) -> list[DeliveredFile]:
    """Return the finished files with the names the customer sees."""
    numbered = enumerate(order.pictures, 1)  # as the customer counts what was sent
    results = [
        (number, picture.result.file) for number, picture in numbered if picture in order.live and picture.result
    ]
    return [
        DeliveredFile(
            key=file.key,
            filename=f"{order.order_id}_{number}.{file.key.rpartition('.')[2]}",
            content_type=file.content_type,
            file_size=file.file_size,
        )
        for number, file in results
    ]


def mailed(order: Order, letter: MailInput, outcome: MailOutcome, now: datetime) -> None:
    """Take in whether a letter went out. Meanwhile the customer may have sent another address, or a refusal."""
    order.note("mailed", now, status=outcome.status, message_id=outcome.message_id, error=outcome.error[:200])
    order.deliveries += outcome.status == "sent"
    if letter.to != order.email:
        return  # what is accepted goes to the new address in a letter of its own
    order.email_status = outcome.status
    if outcome.status == "refused":
        order.email = None
        order.say("mail_refused", now)
        return
    _complete(order, letter, now)


def _complete(order: Order, letter: MailInput, now: datetime) -> None:
    """Complete the pictures whose present result was in the letter and is still accepted."""
    sent = {file.key for file in letter.files}
    accepted = [picture for picture in order.with_status(Status.AWAITING_CONFIRM) if picture.accepted]
    pictures = [picture for picture in accepted if picture.result and picture.result.file.key in sent]
    order.completed_at = now
    for picture in pictures:
        picture.completed_at = now
    order.move(pictures, Status.COMPLETED, now)
    order.say("mail_sent", now)
