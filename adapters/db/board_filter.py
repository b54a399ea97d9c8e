"""The filter of the staff board, as conditions on the tables."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, or_, select

from adapters.db.models import GenerationTaskRow, ImageTaskRow, OrderRow

ORDER, TASK = OrderRow.__table__.columns, ImageTaskRow.__table__.columns
CALL = GenerationTaskRow.__table__.columns
HAS_NEEDS = ORDER.needs != literal([], ORDER.needs.type)


@dataclass(frozen=True)
class OrderFilter:
    """Which orders are wanted; None and '' mean any."""

    words: str = ""  # in ids, names, the customer's notes
    status: str | None = None
    operation: str | None = None
    model: str = ""
    acc_id: str = ""
    need: str | None = None
    start: datetime | None = None
    end: datetime | None = None  # exclusive
    is_high_value: bool = False


def conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that an order of the filter meets."""
    of_order = TASK.order_id == ORDER.order_id
    found: list[ColumnElement[bool]] = []
    if wanted.words:
        likes = func.lower(wanted.words)
        in_order = [func.strpos(func.lower(column), likes) > 0 for column in (ORDER.order_id, ORDER.customer_id)]
        texts = (TASK.customer_name, TASK.customer_notes, TASK.task_id)
        in_task = or_(*(func.strpos(func.lower(column), likes) > 0 for column in texts))
        found.append(or_(*in_order, select(TASK.task_id).where(of_order, in_task).exists()))
    if wanted.status:
        is_refund = ORDER.refund_due.is_(True)
        found.append(is_refund if wanted.status == "awaiting_refund" else ORDER.status == wanted.status)
    if wanted.operation:
        found.append(select(TASK.task_id).where(of_order, TASK.operation == wanted.operation).exists())
    if wanted.model:
        found.append(select(CALL.task_id).where(CALL.order_id == ORDER.order_id, CALL.model == wanted.model).exists())
    if wanted.need:
        found.append(ORDER.needs.contains([{"kind": wanted.need}]))
    if wanted.acc_id:
        found.append(ORDER.acc_id == wanted.acc_id)
    if wanted.start:
        found.append(ORDER.created_at >= wanted.start)
    if wanted.end:
        found.append(ORDER.created_at < wanted.end)
    if wanted.is_high_value:
        found.append(ORDER.high_value.is_(True))
    return found
