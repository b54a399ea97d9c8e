"""How results of work change a picture: it was examined, made, shown, or could not be made."""

from datetime import datetime

from domain.attempts.work import Examined
from domain.designers import transfers
from domain.order import hours
from domain.order.order import Order
from domain.order.picture import DESIGNER, Attempt, Picture, Submission
from domain.story import previews, screening
from domain.texts.phrase import Said, said
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation
from domain.vocabulary.sizes import checkable, keeps_all, lost_by_filling
from domain.vocabulary.status import AT_WORK, Status

SHOWN = {Status.AWAITING_CONFIRM, Status.REVISION, Status.COMPLETED}
SWITCHED_OFF = said("reason.switched_off")
NOT_MARKED = "handed_in.not_marked"  # the visible AI label could not be drawn on a file
HANDED_IN = "handed_in."  # begins the reasons why a designer's file is not taken
ONLY_THE_FIRST = {"frames": "first_of_frames", "pages": "first_of_pages"}
REFUNDED = said("reason.refunded")


def examined(order: Order, picture: Picture, found: Examined, now: datetime) -> None:
    """Apply the result of examining a picture. An unusable one leaves the order, and the customer is told why."""
    order.rules = order.rules or found.rules
    order.known_email = order.known_email or found.known_email
    order.lineup = found.lineup or order.lineup
    picture.spent = found.spent
    if found.refused:
        picture.error = found.refused
        order.move([picture], Status.CANCELLED, now)
        order.note("picture_refused", now, task_id=picture.task_id, reason=found.refused)
        order.say("picture_unreadable", now, reason=found.refused)
        _report_lost_picture(order, picture, found.refused, now)
        return
    picture.original, picture.unseen = found.original, found.unseen
    if found.more in ONLY_THE_FIRST:
        order.say(ONLY_THE_FIRST[found.more], now)
    picture.analysis = picture.analysis or found.analysis
    if picture.operation is None:
        picture.operation, picture.operation_by = _operation_by_analysis(picture), "analysis"
    facts = {"provider": found.call.provider, "model": found.call.model} if found.call else {}
    order.note("examined", now, task_id=picture.task_id, operation=picture.operation, **facts)
    screening.screen(order, picture, now)


def _report_lost_picture(order: Order, picture: Picture, reason: Said, now: datetime) -> None:
    """Tell staff about a paid picture that cannot be made: they settle it with the customer."""
    if order.paid_at and not order.live:
        order.tell_staff("staff_paid_without_picture", now, paid=order.amount_paid)
    elif order.paid_at:
        order.tell_staff("staff_paid_picture_lost", now, task=picture.task_id, reason=reason)


def look_failed(order: Order, picture: Picture, reason: Said, now: datetime) -> None:
    """Hand a picture that could not be examined to staff, who can resume it."""
    picture.look_failed = reason
    order.note("look_failed", now, task_id=picture.task_id, reason=reason)
    order.tell_staff("staff_look_failed", now, task_id=picture.task_id, task=picture.task_id, reason=reason)
    hours.tell_when_closed(order, now)


def _operation_by_analysis(picture: Picture) -> Operation:
    """Return the operation from the analysis, else `edit`: text without a named operation asks for some change."""
    named = picture.analysis.proc_type if picture.analysis else ""
    wanted = Operation(named) if named in set(Operation) else Operation.EDIT
    return checkable(wanted, picture.size) or Operation.EDIT


def is_workable(order: Order, picture: Picture) -> bool:
    """Whether a model may work on a picture now: it is paid, and no staff decision is pending."""
    waits_for_staff = order.hold or picture.review == "waiting" or picture.stopped or picture.needs_designer
    has_price = bool(order.quotes) or order.is_released or picture.is_forced
    return picture.status is Status.PROCESSING or (picture.status is Status.PAID and has_price and not waits_for_staff)


def start(order: Order, picture: Picture, now: datetime) -> None:
    """Begin the first round of a paid picture."""
    if picture.status is not Status.PAID:
        return
    is_first = not any(other.started_at for other in order.pictures)
    picture.started_at = now
    order.move([picture], Status.PROCESSING, now)
    if is_first:
        others = [one for one in order.live if one is not picture and is_workable(order, one)]
        previews.announce_start(order, [picture, *others], now)  # sent by the activity of this picture


def has_just_begun(order: Order, now: datetime) -> bool:
    """Whether the order went into processing at this very moment."""
    begun = [line for line in order.journal if line.at == now and line.facts.get("to") == Status.PROCESSING]
    return order.status is Status.PROCESSING and bool(begun)


def attempted(order: Order, picture: Picture, attempt: Attempt, now: datetime) -> None:
    """Record the outcome of an attempt."""
    score = attempt.look.score if attempt.look else None
    issue = attempt.error or _check_finding(attempt) or (attempt.result.issue if attempt.result else Said())
    order.note(
        "attempted", now, task_id=picture.task_id, attempt=attempt.number, provider=attempt.provider,
        model=attempt.model, score=score, issue=issue, **_evidence(picture, attempt),
    )  # fmt: skip
    _report_model_not_set_up(order, picture, attempt, now)


def _evidence(picture: Picture, attempt: Attempt) -> dict[str, str]:
    """Return what proves later which file was made from which, by which prompt."""
    if attempt.result is None:
        return {}
    original = picture.original.sha256 if picture.original else ""
    facts = {"original": original, "file": attempt.result.file.sha256, "prompt": attempt.prompt_hash}
    return {f"{name}_hash": value for name, value in facts.items() if value}


def show(order: Order, picture: Picture, best: Attempt, now: datetime, *, made_by_people: bool = False) -> None:
    """Show the best attempt to the customer. The bot asks for a reply once no picture is being worked on."""
    assert best.result is not None
    picture.shown, picture.error, picture.needs_designer, picture.accepted = best.number, Said(), Said(), False
    picture.stopped = Said()  # it has been made: the next revision is worked on
    picture.review = "passed" if picture.review else ""
    order.is_known_email_offered = False  # a yes to an earlier offer does not count for this result
    if picture.status is not Status.AWAITING_CONFIRM:
        order.move([picture], Status.AWAITING_CONFIRM, now)
    previews.queue_preview(order, picture, best.result.preview_key, now)
    if not made_by_people:
        _say_that_all_is_kept(order, picture, now)
        _report_poor_quality(order, picture, best, now)


def _say_that_all_is_kept(order: Order, picture: Picture, now: datetime) -> None:
    """Ask before anything is cut: a picture that does not fit its size is shown whole, on white."""
    size, original = picture.wanted_size, picture.original
    if size and original and keeps_all(size, original.width, original.height):
        lost = lost_by_filling(size, original.width, original.height)
        order.say("edges_left", now, percent=str(round(lost * 100)))


def adopted(order: Order, picture: Picture, offered: Submission, attempt: Attempt, now: datetime) -> None:
    """Show an external result. Staff are told if it could not be fetched or read, so that its sender can fix it."""
    was_called_off = picture.submission is None
    if not was_called_off:
        picture.next_submission()
    attempted(order, picture, attempt, now)
    if was_called_off:
        return
    if _is_already_shown(picture, attempt):
        order.note("result_repeated", now, by=offered.source, task_id=picture.task_id, attempt=attempt.number)
    elif attempt.result and picture in order.live:
        show(order, picture, attempt, now, made_by_people=True)
        if attempt.result.issue.phrase == NOT_MARKED:
            order.tell_staff(
                "staff_label_missing", now, task_id=picture.task_id, task=picture.task_id, source=offered.source
            )
    elif not attempt.result:
        order.tell_staff(
            "staff_result_unusable", now, task_id=picture.task_id, task=picture.task_id, source=offered.source,
            reason=attempt.error,
        )  # fmt: skip
        _ask_designer_again(order, picture, offered, attempt, now)


def _ask_designer_again(order: Order, picture: Picture, offered: Submission, attempt: Attempt, now: datetime) -> None:
    """Tell the designer what is owed, if they handed in something else."""
    is_told = attempt.error.phrase.startswith(HANDED_IN) and offered.source == DESIGNER
    if is_told and picture.status is Status.WITH_DESIGNER and transfers.has_designer(picture):
        transfers.transfer(order, picture, said("reason.result_refused", why=attempt.error), now)


def _is_already_shown(picture: Picture, attempt: Attempt) -> bool:
    """Whether the customer is already looking at this same file, received earlier in this round."""
    shown = next((other for other in picture.attempts if other.number == picture.shown), None)
    if picture.status not in SHOWN or shown is None or shown.round != picture.round:
        return False
    return bool(attempt.result and shown.result and attempt.result.file.sha256 == shown.result.file.sha256)


def _report_poor_quality(order: Order, picture: Picture, best: Attempt, now: datetime) -> None:
    """Ask staff to look at a preview that was sent although its score is low or missing."""
    assert best.result is not None
    score = best.look.score if best.look else None
    if score is not None and score >= order.known_rules.quality_threshold:
        return
    last = picture.tries[-1]  # it may have failed differently, which staff must know too
    found = [_check_finding(best) or best.error, *([last.error] if last is not best else [])]
    order.tell_staff(
        "staff_quality_failed", now, task_id=picture.task_id, task=picture.task_id, picture=best.result.view_key,
        score="?" if score is None else score, issue=list(filter(None, found)) or "-",
        attempts=len(picture.tries),
    )  # fmt: skip


def _check_finding(attempt: Attempt) -> Said:
    """Return the issue that the quality check found in an attempt, or nothing."""
    issue = attempt.look.issue if attempt.look else Said()
    if attempt.outcome in {Outcome.UNCHANGED, Outcome.WRONG_FILE}:
        return said(f"outcome.{attempt.outcome}", issue=issue or None)
    return issue


def fail(order: Order, picture: Picture, last: Attempt, now: datetime) -> None:
    """Give up on a picture and transfer it to designers. The customer is asked to wait, and staff see why."""
    reason, original = last.error or _check_finding(last), picture.original.key if picture.original else ""
    order.tell_staff(
        "staff_generation_failed", now, task_id=picture.task_id, task=picture.task_id, picture=original,
        provider=last.provider or "-", reason=reason,
    )  # fmt: skip
    _transfer(order, picture, reason, now)
    picture.error = reason


def wait_for_model(order: Order, picture: Picture, now: datetime) -> None:
    """Tell staff and the customer, once per order, that work waits until staff fix a model."""
    is_told = any(other is not picture and _is_told_to_wait(other) for other in order.live)
    has_waited = any(other.choice and other.choice.is_patient for other in picture.tries)
    picture.tries[-1].is_before_wait = True
    if is_told or has_waited:
        return
    shut = [attempt for other in order.live for attempt in other.tries if attempt.outcome is Outcome.NOT_SET_UP]
    if not any(attempt.is_news for attempt in shut):  # else they were told because of this order
        _report_model(order, picture, shut[-1], now)
    order.say("please_wait", now)
    hours.tell_when_closed(order, now)


def _report_model_not_set_up(order: Order, picture: Picture, attempt: Attempt, now: datetime) -> None:
    """Tell staff about a provider that is not set up: once an hour over all orders, even if another one takes over.

    If another picture of this order already waits for that provider, they have been told.
    """
    others = [other for other in order.live if other is not picture and _waits_for(other, attempt.provider)]
    if attempt.outcome is Outcome.NOT_SET_UP and attempt.is_news and not others:
        _report_model(order, picture, attempt, now)


def _report_model(order: Order, picture: Picture, attempt: Attempt, now: datetime) -> None:
    order.tell_staff(
        "staff_model_not_set_up", now, task_id=picture.task_id, task=picture.task_id,
        provider=attempt.provider, reason=attempt.error,
    )  # fmt: skip


def is_waiting_for_model(picture: Picture) -> bool:
    """Whether work on a picture cannot go on before staff have fixed a model."""
    last = picture.attempts[-1].choice if picture.attempts else None
    return picture.status is Status.PROCESSING and bool(last and last.is_patient)


def _is_told_to_wait(picture: Picture) -> bool:
    """Whether a picture waits for a model, or is about to: that was reported when the previous attempt ended."""
    is_about_to = picture.status is Status.PROCESSING and bool(picture.tries and picture.tries[-1].is_before_wait)
    return is_about_to or is_waiting_for_model(picture)


def _waits_for(picture: Picture, provider: str) -> bool:
    shut = {attempt.provider for attempt in picture.tries if attempt.outcome is Outcome.NOT_SET_UP}
    return provider in shut and _is_told_to_wait(picture)


def send_to_designer(order: Order, picture: Picture, reason: Said, now: datetime) -> None:
    """Transfer a picture to a human designer: at once if work may start, otherwise as soon as it may."""
    if is_ready_for_designer(order, picture):
        _transfer(order, picture, reason, now)
    elif picture.needs_designer != reason:
        picture.needs_designer = reason
        order.tell_staff("staff_designer_wanted", now, task_id=picture.task_id, task=picture.task_id, reason=reason)
        order.say("cannot_do", now)


def is_ready_for_designer(order: Order, picture: Picture) -> bool:
    """Whether a designer may start: the picture is paid, and no review, price or payment is pending."""
    if picture.status is Status.PENDING or picture.review == "waiting" or not picture.is_examined:
        return False
    if picture.status is not Status.PAID:
        return True
    is_feasible = picture.analysis is not None and picture.analysis.feasible.possible
    has_price = is_feasible or bool(order.quotes) or order.is_released  # otherwise a designer sets the price
    return has_price and not order.hold and (not picture.stopped or picture.stopped == SWITCHED_OFF)


def _transfer(order: Order, picture: Picture, reason: Said, now: datetime) -> None:
    is_new = picture.status is not Status.WITH_DESIGNER
    transfers.transfer(order, picture, reason, now)
    if is_new:
        order.say("please_wait", now)
    hours.tell_when_closed(order, now)


def hand_to_staff(order: Order, picture: Picture, reason: Said, now: datetime) -> None:
    """Hand a picture to staff after a bug stopped the work on it, whatever its status. They can resume it."""
    picture.drop_submissions()
    if not picture.is_examined:
        picture.look_failed = reason
    elif picture.status in AT_WORK:
        picture.error = reason
        order.move([picture], Status.FAILED, now)
        order.say("please_wait", now)
        hours.tell_when_closed(order, now)


def stop(order: Order, picture: Picture, why: Said, now: datetime) -> None:
    """Stop work on a paid picture until staff resume it. They are told once per order."""
    is_known = any(other.stopped == why for other in order.live)
    picture.stopped, picture.is_forced = why, False
    if picture.status is Status.WITH_DESIGNER and picture.dispatch:
        picture.needs_designer = picture.dispatch.reason  # resumed, it goes to a designer again
    if picture.status is not Status.PAID:
        order.move([picture], Status.PAID, now)
    if not is_known and why == SWITCHED_OFF:
        order.tell_staff("staff_switched_off", now, pictures=len(order.live), paid=order.amount_paid)
        hours.tell_when_closed(order, now)
