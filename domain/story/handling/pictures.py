"""Messages about pictures: received, analysed by the bot, transferred to a designer, or made by somebody else."""

from datetime import datetime

from domain import language
from domain.designers import transfers
from domain.order import capacity, objections
from domain.order.messages import (
    AnalysisReceived,
    Answer,
    DesignerFinished,
    DispatchChanged,
    ImageReceived,
    RequestedPicture,
    ResultOffered,
    ResultSubmitted,
    TransferRequested,
)
from domain.order.order import Order
from domain.order.picture import DESIGNER, Note, Picture, Submission
from domain.story import progress, screening
from domain.story.handling.naming import keep_for_later, picture_by_task
from domain.texts.phrase import Said, said, written
from domain.vocabulary import ids
from domain.vocabulary.sizes import checkable, read_size
from domain.vocabulary.status import FINISHED, Status

OPEN_FOR_RESULTS = (
    Status.PAID, Status.PROCESSING, Status.FAILED, Status.WITH_DESIGNER, Status.AWAITING_CONFIRM, Status.REVISION,
    Status.COMPLETED,
)  # fmt: skip


def image_received(message: ImageReceived, order: Order, now: datetime) -> Answer | None:
    """Add a picture to an order that is unpaid, or was paid without one. Later pictures are left to staff."""
    if order.status in FINISHED or (order.paid_at and order.live):
        order.note("picture_too_late", now, by="customer", **message.model_dump(mode="json"))
        about = {"picture": message.image_key} if message.image_key else {"address": (message.image_url or "-")[:500]}
        order.tell_staff("staff_picture_too_late", now, status=order.shown_status, **about)
        phrase = "picture_after_end" if order.status in FINISHED else "picture_too_late"
        return Answer(accepted=False, reason=Said(phrase=phrase))
    add_picture(order, RequestedPicture.model_validate(message.model_dump()), now)
    return None


def add_picture(order: Order, request: RequestedPicture, now: datetime, sent: int | None = None) -> None:
    """Add a picture to an order, with the operation given or read from the note.

    `sent` is how many pictures came at once. If they share a note, each takes the part that is about it.
    """
    number = len(order.pictures) + 1
    words = language.note_for(request.note, number, sent)
    size = read_size(words)
    wanted = request.operation or language.read_operation(words)
    said_by_words = "words" if wanted and words.strip() else "nobody"
    picture = Picture(
        task_id=ids.task_id(order.order_id, number),
        status=Status.PAID if order.paid_at else Status.PENDING,
        image_url=request.image_url,
        image_key=request.image_key,
        notes=[Note(at=now, text=words)] if words else [],
        operation=checkable(wanted, size),
        operation_by="bot" if request.operation else said_by_words,
        size=size,
        analysis=request.analysis,
    )
    order.pictures.append(picture)
    left_out = {"words": request.note} if words != request.note else {}
    order.note("picture_received", now, by="customer", task_id=picture.task_id, **left_out)


def analysis_received(message: AnalysisReceived, order: Order, now: datetime) -> Answer | None:
    """Use the bot's own analysis. It may arrive before its picture, and is ignored once the order is paid."""
    picture = _analysed_picture(order, message)
    if picture is None and (message.image_url or not order.live):
        keep_for_later(order, "analysis_received", message, now)
    elif picture is None:
        order.note("analysis_not_used", now, by="bot", reason=said("reason.which_picture"))
        return Answer(accepted=False, reason=Said(phrase="analysis_not_placed"))
    elif order.paid_at and picture.is_examined:
        order.note("analysis_not_used", now, by="bot", task_id=picture.task_id, reason=said("reason.paid"))
        return Answer(accepted=False, reason=Said(phrase="analysis_too_late"))
    else:
        picture.analysis = message.analysis
        order.note("analysed", now, by="bot", task_id=picture.task_id)
        screening.screen(order, picture, now)
    return None


def _analysed_picture(order: Order, message: AnalysisReceived) -> Picture | None:
    if message.image_url and not message.task_id:
        return next((picture for picture in order.live if picture.image_url == message.image_url), None)
    return picture_by_task(order.live, message.task_id)


def transfer_requested(message: TransferRequested, order: Order, now: datetime) -> Answer | None:
    """Transfer a picture to a designer. If it is unclear which one is meant, staff are asked."""
    picture = picture_by_task(order.live, message.task_id)
    reason = written(message.reason) or said("reason.asked_for")
    objections.resolve_objections(order, now, by="bot")
    if picture is None:
        order.note("transfer_not_placed", now, by="bot", **message.model_dump(mode="json"))
        order.tell_staff("staff_transfer_not_placed", now, task=message.task_id or "?", reason=reason)
        return Answer(accepted=False, reason=said("transfer_not_placed", status=order.shown_status))
    progress.send_to_designer(order, picture, reason, now)
    return None


def designer_finished(message: DesignerFinished, order: Order, now: datetime) -> Answer | None:
    """Accept a designer's result."""
    return _take_result(message, order, now, source=DESIGNER)


def dispatch_changed(message: DispatchChanged, order: Order, now: datetime) -> Answer | None:
    """Apply a change in the designers' work on a picture."""
    transfers.dispatch_changed(message, order, now)
    return None


def result_submitted(message: ResultSubmitted, order: Order, now: datetime) -> Answer | None:
    """Accept a result from staff or from another picture AI."""
    return _take_result(message, order, now, source=message.source)


def _take_result(message: ResultOffered, order: Order, now: datetime, source: str) -> Answer | None:
    """Queue a result to be fetched and shown. One that fits no paid picture is refused and reported to staff."""
    picture = picture_by_task(order.with_status(*OPEN_FOR_RESULTS), message.task_id)
    if picture is None or not (message.result_url or message.result_key):
        order.note("result_not_taken", now, by=source, **message.model_dump(mode="json"))
        order.tell_staff("staff_result_not_taken", now, source=source, status=order.shown_status)
        return Answer(accepted=False, reason=Said(phrase="result_not_taken", values={"status": order.shown_status}))
    offered = Submission(source=source, notes=message.notes, image_url=message.result_url, image_key=message.result_key)
    if not capacity.can_hold_result(order, offered) or not picture.queue_submission(offered):
        where = message.result_url or message.result_key
        order.note("result_not_taken", now, by=source, **message.model_dump(mode="json"))
        order.tell_staff("staff_results_waiting", now, task=picture.task_id, source=source, result=where)
        return Answer(accepted=False, reason=Said(phrase="result_not_taken", values={"status": order.shown_status}))
    order.note("result_offered", now, by=source, task_id=picture.task_id, notes=message.notes)
    return None
