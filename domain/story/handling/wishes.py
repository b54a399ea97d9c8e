"""Messages about what is wanted: notes, requirements, operations. After payment only staff may change them."""

from datetime import datetime

from domain.language import Reading, Wish, read, read_operation, wishes
from domain.order import capacity, objections
from domain.order.messages import Answer, CustomerMessage, OperationChanged, RequirementAdded
from domain.order.order import Order
from domain.order.picture import Note, Picture
from domain.story import redoing
from domain.story.handling.naming import keep_for_later, picture_by_number, picture_by_task
from domain.texts.phrase import Said, said, written
from domain.vocabulary.pictures import Operation
from domain.vocabulary.sizes import checkable, read_size
from domain.vocabulary.status import FINISHED, GONE, Status
from domain.vocabulary.trail import ChangeType

NOTHING = "无"
PAID = "change_after_payment"
UNPLACED = "which_picture"


def requirement_added(message: RequirementAdded, order: Order, now: datetime) -> Answer | None:
    """Add a structured requirement to a picture. A quoted order is quoted again."""
    picture = picture_by_task(order.live, message.task_id)
    if picture is None:
        return _not_placed(message, order, now)
    old, new = (picture.requirements or [NOTHING])[-1], message.requirement
    if refusal := _refusal(order, picture, message.changed_by) or _capacity_refusal(order, [(picture, new)]):
        return _refuse(order, picture, "add_requirement", old, new, now, by=message.changed_by, refused=refusal)
    objections.resolve_objections(order, now, by=message.changed_by)
    picture.requirements.append(new)
    order.change(picture.task_id, "add_requirement", old, new, now, by=message.changed_by, reason=message.reason)
    redoing.redo(order, picture, written(new), now)
    return Answer()


def operation_changed(message: OperationChanged, order: Order, now: datetime) -> Answer | None:
    """Set the operation of a picture. Free text does not override it later."""
    picture = picture_by_task(order.live, message.task_id)
    if picture is None:
        return _not_placed(message, order, now)
    old = picture.operation or NOTHING
    if refusal := _refusal(order, picture, message.changed_by):
        return _refuse(
            order, picture, "modify_operation", old, message.operation, now, by=message.changed_by, refused=refusal
        )
    objections.resolve_objections(order, now, by=message.changed_by)
    is_other = message.operation != picture.operation
    _set_operation(order, picture, message.operation, now, by=message.changed_by, reason=message.reason)
    picture.operation_by = "bot"
    if is_other:
        redoing.redo(order, picture, said("reason.operation_changed", operation=message.operation), now)
    return Answer()


def note_wishes(reading: Reading, order: Order, now: datetime, *, is_early: bool = False) -> Answer | None:
    """Note the wishes in free text on the pictures they name. Without any picture they are kept for later.

    With `is_early`, text that came before the pictures is handled again: wishes for a picture still to come wait on.
    """
    wanted = wishes(reading)
    waits = [wish for wish in wanted if not order.live or (is_early and (wish.picture or 0) > len(order.pictures))]
    for wish in waits:
        text = f"第{wish.picture}张{wish.text}" if wish.picture else wish.text
        keep_for_later(order, "customer_message", CustomerMessage(text=text), now)
    placed = [(picture, wish.text) for wish in wanted if wish not in waits for picture in _pictures_meant(wish, order)]
    answer, full = None, _capacity_refusal(order, placed)
    for picture, text in placed[:1] if full else placed:  # a refusal for lack of room is recorded once
        answer = _note(order, picture, text, now, full) or answer
    return answer


def _pictures_meant(wish: Wish, order: Order) -> list[Picture]:
    one = picture_by_number(order, wish.picture) if wish.picture else None
    return [one] if one in order.live and one else order.live


def _capacity_refusal(order: Order, wanted: list[tuple[Picture, str]]) -> str:
    return capacity.TOO_MUCH if capacity.exceeds_budget(order, wanted) else ""


def note_early(message: CustomerMessage, order: Order, now: datetime) -> Answer | None:
    """Handle free text again that came before the pictures."""
    return note_wishes(read(message.text), order, now, is_early=True)


def _note(order: Order, picture: Picture, text: str, now: datetime, full: str) -> Answer | None:
    old = picture.notes[-1].text if picture.notes else NOTHING
    if refusal := _refusal(order, picture, "customer") or full:
        return _refuse(order, picture, "add_note", old, text, now, by="customer", refused=refusal)
    picture.notes.append(Note(at=now, text=text))
    picture.size = read_size(text) or picture.size
    order.change(picture.task_id, "add_note", old, text, now, by="customer")
    asked_for = checkable(read_operation(text), picture.size)
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
    """Return why a change is refused, or nothing: after payment only staff may change, after the end nobody.

    A picture that was paid before it came may still be changed until it is examined, since no work has begun.
    """
    if order.status in FINISHED or picture.status is Status.COMPLETED:
        return "change_after_end"
    return PAID if order.paid_at and by != "staff" and picture.is_examined else ""


def _refuse(
    order: Order, picture: Picture, kind: ChangeType, old: str, new: str, now: datetime, *, by: str, refused: str
) -> Answer:
    order.change(picture.task_id, kind, old, new, now, by=by, refused=refused)
    if refused == capacity.TOO_MUCH:
        capacity.record_refusal(order, refused, now)
    return Answer(accepted=False, reason=Said(phrase=refused))


def _not_placed(message: RequirementAdded | OperationChanged, order: Order, now: datetime) -> Answer:
    """Keep the change for later if there is no picture yet; otherwise refuse it: it names none of them."""
    if not order.pictures and message.task_id is None:
        signal = "requirement_added" if isinstance(message, RequirementAdded) else "operation_changed"
        keep_for_later(order, signal, message, now)
        return Answer()
    if order.status in GONE:
        order.note("change_not_placed", now, by=message.changed_by, **message.model_dump(mode="json"))
        return Answer(accepted=False, reason=Said(phrase="change_after_end"))
    order.note("change_not_placed", now, by=message.changed_by, **message.model_dump(mode="json"))
    return Answer(accepted=False, reason=Said(phrase=UNPLACED, values={"count": str(len(order.pictures))}))
