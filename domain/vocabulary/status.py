"""The statuses of orders and pictures, and the table of allowed changes."""

from enum import StrEnum


class Status(StrEnum):
    """The status of an order or a picture."""

    PENDING = "pending"
    PAID = "paid"
    PROCESSING = "processing"
    AWAITING_CONFIRM = "awaiting_confirm"
    REVISION = "revision"
    WITH_DESIGNER = "with_designer"
    COMPLETED = "completed"
    FAILED = "failed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        """The Chinese name of the status."""
        return LABELS[self]


S = Status
LABELS = {
    S.PENDING: "待付款",
    S.PAID: "已付款",
    S.PROCESSING: "处理中",
    S.AWAITING_CONFIRM: "待确认",
    S.REVISION: "修改中",
    S.WITH_DESIGNER: "转人工处理中",
    S.COMPLETED: "已完成",
    S.FAILED: "失败",
    S.DECLINED: "不接单",
    S.CANCELLED: "已取消",
    S.EXPIRED: "已过期",
}
AWAITING_REFUND = "待退款"  # shown for a paid order that was cancelled or declined, until the refund is recorded

# Where a paid picture may go from any status in which it is worked on; to completed if the rework of a delivered one
# is cancelled.
_WORKED_ON = frozenset({S.AWAITING_CONFIRM, S.WITH_DESIGNER, S.FAILED, S.CANCELLED, S.COMPLETED})

# Allowed status changes, of orders and pictures alike. Any other change is a bug.
MOVES: dict[Status, frozenset[Status]] = {
    S.PENDING: frozenset({S.PAID, S.DECLINED, S.CANCELLED, S.EXPIRED}),
    S.PAID: _WORKED_ON | {S.PROCESSING, S.DECLINED},
    # Back to paid: automatic processing is switched off, or a refund stops the work.
    S.PROCESSING: _WORKED_ON | {S.PAID},
    S.AWAITING_CONFIRM: frozenset({S.REVISION, S.PROCESSING, S.WITH_DESIGNER, S.FAILED, S.COMPLETED, S.CANCELLED}),
    S.REVISION: frozenset({S.PROCESSING, S.AWAITING_CONFIRM, S.WITH_DESIGNER, S.FAILED, S.COMPLETED, S.CANCELLED}),
    S.WITH_DESIGNER: (_WORKED_ON - {S.WITH_DESIGNER}) | {S.PROCESSING, S.PAID},  # back to paid: a refund stops it
    S.FAILED: (_WORKED_ON - {S.FAILED}) | {S.PROCESSING},
    S.COMPLETED: frozenset({S.REVISION, S.PROCESSING, S.WITH_DESIGNER, S.FAILED, S.AWAITING_CONFIRM}),
    S.DECLINED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset({S.PAID}),  # late payments are still honoured
}

# The least advanced picture sets the status of its order.
LEAST_ADVANCED_FIRST = (
    S.PENDING, S.PAID, S.FAILED, S.WITH_DESIGNER, S.PROCESSING, S.REVISION, S.AWAITING_CONFIRM,
    S.COMPLETED, S.DECLINED, S.EXPIRED, S.CANCELLED,
)  # fmt: skip

AT_WORK = (S.PAID, S.PROCESSING)
BEFORE_THE_CUSTOMER = (S.AWAITING_CONFIRM, S.REVISION)
GONE = frozenset({S.DECLINED, S.CANCELLED, S.EXPIRED})  # no longer part of the order's work
FINISHED = GONE | {S.COMPLETED}  # after-care begins
