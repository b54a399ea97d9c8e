"""Messages about what is wanted: notes, requirements and operations, free before payment, staff's after it."""

from datetime import datetime

from domain import listening
from domain.handling.naming import keep_for_later, named, numbered
from domain.messages import Answer, CustomerMessage, OperationChanged, RequirementAdded
from domain.order import Order
from domain.phrase import Said
from domain.pictures import Operation
from domain.sizes import checkable, read_size
from domain.status import FINISHED
from domain.task import Note, Picture
from domain.trail import ChangeType
from domain.wishes import wishes

NOTHING = "无"
PAID = "change_after_payment"
UNPLACED = "which_picture"


def requirement_added(message: RequirementAdded, order: Order, now: datetime) -> Answer | None:
    """Add a structured wish; a price that was quoted is quoted anew."""
    picture = named(order.live, message.task_id)
    if picture is None:
        return _not_placed(message, order, now)
    old, new = (picture.requirements or [NOTHING])[-1], message.requirement
    if refusal := _refusal(order, picture, message.changed_by):
        return _refuse(order, picture, "add_requirement", old, new, now, by=message.changed_by, refused=refusal)
    picture.requirements.append(new)
    order.change(picture.task_id, "add_requirement", old, new, now, by=message.changed_by, reason=message.reason)
    return Answer()


def operation_changed(message: OperationChanged, order: Order, now: datetime) -> Answer | None:
    """Change what is to be done; whoever says it so exactly is not overruled by words."""
    picture = named(order.live, message.task_id)
    if picture is None:
        return _not_placed(message, order, now)
    old = picture.operation or NOTHING
    if refusal := _refusal(order, picture, message.changed_by):
        return _refuse(
            order, picture, "modify_operation", old, message.operation, now, by=message.changed_by, refused=refusal
        )
    _set_operation(order, picture, message.operation, now, by=message.changed_by, reason=message.reason)
    picture.operation_by = "bot"
    return Answer()


def words_before_payment(message: CustomerMessage, order: Order, now: datetime) -> Answer | None:
    """Note what free words ask for, each of the picture it names; said before any picture, it waits for one."""
    wanted = wishes(message.text)
    if not wanted or order.status in FINISHED:
        return None
    if not order.live:
        keep_for_later(order, "customer_message", message, now)
        return None
    answer = None
    for wish in wanted:
        one = numbered(order, wish.picture) if wish.picture else None
        for picture in [one] if one in order.live and one else order.live:
            answer = _note(order, picture, wish.text, now) or answer
    return answer


def _note(order: Order, picture: Picture, text: str, now: datetime) -> Answer | None:
    old = picture.notes[-1].text if picture.notes else NOTHING
    if refusal := _refusal(order, picture, "customer"):
        return _refuse(order, picture, "add_note", old, text, now, by="customer", refused=refusal)
    picture.notes.append(Note(at=now, text=text))
    picture.size = read_size(text) or picture.size
    order.change(picture.task_id, "add_note", old, text, now, by="customer")
    asked_for = checkable(listening.read_operation(text), picture.size)
    if asked_for and picture.operation_by in {"nobody", "analysis"}:
        _set_operation(order, picture, asked_for, now, by="customer", reason="")
        picture.operation_by = "words"
    return None


def _set_operation(
    order: Order, picture: Picture, operation: Operation, now: datetime, *, by: str, reason: str
) -> None:
    if operation == picture.operation:
        return
    old, picture.operation = picture.operation or NOTHING, operation
    order.change(picture.task_id, "modify_operation", old, operation, now, by=by, reason=reason)


def _refusal(order: Order, picture: Picture, by: str) -> str:
    """After payment only staff change what is wanted, and nobody once it is over.

    Nothing has begun for a picture that was paid before it came and is not looked at yet.
    """
    if order.status in FINISHED:
        return "change_after_end"
    return PAID if order.paid_at and by != "staff" and picture.is_examined else ""


def _refuse(
    order: Order, picture: Picture, kind: ChangeType, old: str, new: str, now: datetime, *, by: str, refused: str
) -> Answer:
    order.change(picture.task_id, kind, old, new, now, by=by, refused=refused)
    return Answer(accepted=False, reason=Said(phrase=refused))


def _not_placed(message: RequirementAdded | OperationChanged, order: Order, now: datetime) -> Answer:
    """Before any picture it waits for one; of several it must name one."""
    if not order.pictures and message.task_id is None:
        signal = "requirement_added" if isinstance(message, RequirementAdded) else "operation_changed"
        keep_for_later(order, signal, message, now)
        return Answer()
    order.note("change_not_placed", now, by=message.changed_by, **message.model_dump(mode="json"))
    return Answer(accepted=False, reason=Said(phrase=UNPLACED, values={"count": str(len(order.pictures))}))
