"""An order's side of a dispatch: handing pictures to designers, and the messages in both directions."""

from collections.abc import Mapping
from datetime import datetime

from domain.designers.dispatch import DispatchRequest
from domain.order import hours
from domain.order.messages import DispatchChanged
from domain.order.order import Order
from domain.order.picture import DESIGNER, Dispatched, Picture
from domain.texts.phrase import Said, said, written
from domain.vocabulary import ids
from domain.vocabulary.picture_news import PictureNews, Standing
from domain.vocabulary.status import Status

KEPT_WISH = 100  # characters
STANDINGS: Mapping[Status, Standing] = {
    Status.WITH_DESIGNER: "wanted",
    Status.FAILED: "wanted",  # not done in time; a late result is still accepted
    Status.AWAITING_CONFIRM: "shown",
    Status.REVISION: "shown",
    Status.COMPLETED: "cancelled",  # not accepted: the rework of a delivered picture was cancelled
    Status.CANCELLED: "cancelled",
    Status.DECLINED: "cancelled",
    Status.PAID: "withdrawn",
    Status.PROCESSING: "withdrawn",
}


def transfer(order: Order, picture: Picture, reason: Said, now: datetime) -> None:
    """Hand a paid picture to the designers: to its open dispatch, else by a new one."""
    picture.needs_designer, picture.stopped, picture.error, picture.accepted = Said(), Said(), Said(), False
    picture.review = "passed" if picture.review else ""
    if has_designer(picture):
        assert picture.dispatch is not None
        picture.dispatch.asked += 1
        picture.dispatch.reason = reason
    else:
        picture.dispatch = _next_dispatch(picture.dispatch, reason)
    if picture.status is not Status.WITH_DESIGNER:
        order.move([picture], Status.WITH_DESIGNER, now)
    order.note("transferred", now, task_id=picture.task_id, reason=reason, dispatch=dispatch_id(picture))


def _next_dispatch(last: Dispatched | None, reason: Said) -> Dispatched:
    """Return a new dispatch for the designer of the last one, of whom the customer knows already."""
    if last is None:
        return Dispatched(number=1, reason=reason)
    return Dispatched(
        number=last.number + 1, reason=reason, designer=last.designer, is_customer_told=last.is_customer_told
    )


def has_designer(picture: Picture) -> bool:
    """Whether the picture has an open dispatch."""
    return picture.dispatch is not None and not picture.dispatch.is_over


def is_of_designer(picture: Picture) -> bool:
    """Whether a revision goes to the designers: they have the picture, or made the result shown."""
    shown = next((attempt for attempt in picture.attempts if attempt.number == picture.shown), None)
    return has_designer(picture) or (shown is not None and shown.provider == DESIGNER)


def dispatch_id(picture: Picture) -> str:
    """Return the id of the workflow of the picture's last dispatch."""
    return ids.dispatch_id(picture.task_id, picture.dispatch.number if picture.dispatch else 1)


# ---- from order to dispatch ---------------------------------------------------------------------------------------


def picture_news(picture: Picture) -> PictureNews:
    """Return the state of a picture, for its dispatch."""
    assert picture.dispatch is not None
    is_liked = picture.accepted and picture.status in {Status.AWAITING_CONFIRM, Status.COMPLETED}
    return PictureNews(
        standing="accepted" if is_liked else STANDINGS[picture.status],
        asked=picture.dispatch.asked,
        round=picture.round,
        results=picture.designer_results,
        wish=picture.revision_notes[-1] if picture.revision_notes else "",
        why=picture.dispatch.reason if picture.dispatch.asked > 1 else Said(),
    )


def is_dispatch_outdated(picture: Picture) -> bool:
    """Whether the dispatch of a picture has to be started, or told about a change."""
    if picture.dispatch is None or not has_designer(picture):
        return False
    stands = picture_news(picture)
    if picture.dispatch.told is None:  # cancelled right after it was handed over: need not start
        return stands.standing == "wanted"
    return _shortened(stands) != _shortened(picture.dispatch.told)


def _shortened(stands: PictureNews) -> PictureNews:
    """Return the news with its wish cut, as kept to compare with later news."""
    return stands.model_copy(update={"wish": ids.bounded(stands.wish, KEPT_WISH)})


def request(order: Order, picture: Picture) -> DispatchRequest:
    """Return the request that starts the dispatch of a picture."""
    assert picture.dispatch is not None
    return DispatchRequest(
        task_id=picture.task_id,
        order_id=order.order_id,
        number=picture.dispatch.number,
        customer_id=order.customer_id,
        customer_name=order.customer_name,
        acc_id=order.acc_id,
        acc_type=order.acc_type,
        why=picture.dispatch.reason,
        image_key=picture.original.key if picture.original else None,
        shown_key=picture.result.view_key if picture.result else None,
        operation=picture.operation,
        wishes=[*filter(None, [picture.words]), *picture.requirements, *picture.revision_notes],
        designer=picture.dispatch.designer,
        news=picture_news(picture),
    )


# ---- from dispatch to order -----------------------------------------------------------------------------------------


def dispatch_changed(message: DispatchChanged, order: Order, now: datetime) -> None:
    """Handle a dispatch's change of standing; one from an earlier dispatch is only recorded."""
    picture = next((one for one in order.pictures if one.task_id == message.task_id), None)
    facts = {"designer": message.designer, "standing": message.standing, "reason": message.reason}
    order.note("dispatch_changed", now, by="designer", task_id=message.task_id, **facts)
    if picture is None or picture.dispatch is None or message.dispatch_id != dispatch_id(picture):
        return
    dispatch = picture.dispatch
    dispatch.designer = message.designer or dispatch.designer
    dispatch.dispatch_task_id = message.dispatch_task_id
    dispatch.is_finished = dispatch.is_finished or message.standing == "finished"
    if message.standing == "assigned" and not dispatch.is_customer_told and picture.status is Status.WITH_DESIGNER:
        dispatch.is_customer_told = True
        order.say("designer_assigned", now)
    elif message.standing == "over":
        mark_told(order, picture, dispatch, PictureNews(standing="withdrawn"), now)
    elif message.standing in {"given_up", "ended"}:
        _give_up(order, picture, message, now)


def _give_up(order: Order, picture: Picture, message: DispatchChanged, now: datetime) -> None:
    """Fail the picture: nobody finished in time, or the dispatch was cancelled. Staff may resume it."""
    assert picture.dispatch is not None
    if message.standing == "ended":
        picture.dispatch.told = PictureNews(standing="withdrawn")
    if picture.status is Status.WITH_DESIGNER:
        picture.error = written(message.reason) or said("reason.no_designer_in_time")
        order.move([picture], Status.FAILED, now)
        hours.tell_when_closed(order, now)


def mark_told(order: Order, picture: Picture, dispatch: Dispatched, news: PictureNews, now: datetime) -> None:
    """Note what a dispatch was told. If that ended it and the picture is wanted again, begin a new dispatch.

    The dispatch may have ended while the signal was being sent, and a new one may have begun.
    """
    if not dispatch.is_over:
        dispatch.told = _shortened(news)
    if dispatch is picture.dispatch and dispatch.is_over and picture.status is Status.WITH_DESIGNER:
        transfer(order, picture, dispatch.reason, now)


def on_dispatch_terminated(order: Order, picture: Picture, dispatch: Dispatched, now: datetime) -> None:
    """Handle a dispatch workflow that was terminated."""
    name = ids.dispatch_id(picture.task_id, dispatch.number)
    order.note("dispatch_gone", now, task_id=picture.task_id, dispatch=name)
    mark_told(order, picture, dispatch, PictureNews(standing="withdrawn"), now)
