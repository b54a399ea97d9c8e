"""An example of every message of the contract, for docs/contract.md; a test parses each of them."""

from typing import Any

ORDER = "ORDER_20261122_7K3F9Q"
TASK = "TASK_20261122_7K3F9Q_1"
TRANSFER = "TRANSFER_20261122_7K3F9Q"

FIND = "FIND_20261122_7K3F9Q"

REQUEST: dict[str, Any] = {
    "customer_id": "wang",
    "customer_name": "王女士",
    "acc_id": "shop-1",
    "pictures": [{"image_url": "https://img.example.com/cat.jpg", "note": "变清晰一点"}],
}

NEW_QUESTION: dict[str, Any] = {
    "customer_id": "wang",
    "acc_id": "shop-1",
    "reason": "这个能做吗",
    "image_url": "https://img.example.com/cat.jpg",
}

QUESTION = {"task_id": TRANSFER} | NEW_QUESTION

SEARCH: dict[str, Any] = {
    "customer_id": "wang",
    "acc_id": "shop-1",
    "image_url": "https://img.example.com/cat.jpg",
    "words": "橘猫",
}

SIGNAL_EXAMPLES: dict[str, dict[str, Any]] = {
    "image_received": {"event_id": "msg-101", "image_url": "https://img.example.com/dog.jpg", "note": "换成白底"},
    "analysis_received": {
        "event_id": "look-7",
        "task_id": TASK,
        "complexity": "normal",
        "aspect_ratio": "3:4",
        "proc_type": "enhance",
        "subject": "猫",
        "prompt": "Make the cat sharper, keep its colours.",
        "text_amount": "none",
        "risk": {"level": "low", "reasons": ["品牌标志"]},
        "feasible": True,
    },
    "quote_set": {"event_id": "price-3", "amount": "25.00", "set_by": "staff", "reason": "老客户优惠"},
    "payment_received": {
        "event_id": "pay-88",
        "payment_id": "ALI-20261122-0007",
        "amount": "25.00",
        "currency": "CNY",
        "paid_at": "2026-11-22T10:15:00+08:00",
    },
    "refund_recorded": {"event_id": "refund-4", "refund_id": "ALI-R-0002", "amount": "10.00", "reason": "来晚了"},
    "requirement_added": {"event_id": "wish-5", "task_id": TASK, "requirement": "保留水印", "changed_by": "customer"},
    "operation_changed": {
        "event_id": "change-6",
        "task_id": TASK,
        "operation": "remove_bg",
        "changed_by": "staff",
        "reason": "客户改主意了",
    },
    "customer_message": {"event_id": "msg-102", "text": "颜色不对,脸再亮一点"},
    "revision_requested": {"event_id": "msg-103", "task_id": TASK, "note": "背景再亮一点"},
    "email_provided": {"event_id": "msg-104", "email": "wang@example.com"},
    "consent_recorded": {"event_id": "msg-105", "kind": "no_ai_label", "text": "不用标AI生成"},
    "transfer_requested": {"event_id": "msg-106", "task_id": TASK, "reason": "客户要真人设计师"},
    "designer_finished": {
        "event_id": "done-9",
        "task_id": TASK,
        "result_url": "https://dispatch.example.com/results/9.psd",
        "dispatch_task_id": "D-9",
        "notes": "已调整脸部亮度",
    },
    "dispatch_changed": {
        "event_id": "dispatch-TASK_20261122_7K3F9Q_1-7",
        "task_id": TASK,
        "dispatch_id": "dispatch-TASK_20261122_7K3F9Q_1",
        "standing": "assigned",
        "designer": "橘子",
        "dispatch_task_id": "ea853bd9",
    },
    "result_submitted": {
        "event_id": "result-2",
        "task_id": TASK,
        "result_key": "uploads/ORDER_20261122_7K3F9Q/result-2.png",
        "source": "staff",
    },
    "resend_requested": {"event_id": "msg-107", "requested_by": "customer", "reason": "没收到邮件"},
    "processing_resumed": {"event_id": "go-1", "requested_by": "staff", "reason": "付款没问题"},
    "cancel_requested": {"event_id": "msg-108", "requested_by": "customer", "reason": "不想要了"},
    "link_opened": {"key": "task-history/wang/TASK_20261122_7K3F9Q_1/1/result.png"},
}

UPDATE_EXAMPLES: dict[str, dict[str, Any]] = {
    "add_requirement": {"event_id": "wish-6", "task_id": TASK, "requirement": "去掉右下角的字"},
    "change_operation": {"event_id": "change-7", "task_id": TASK, "operation": "vectorize"},
    "send_message": {"event_id": "msg-109", "text": "第一张可以,第二张再亮一点"},
    "request_cancel": {"event_id": "msg-110", "requested_by": "customer", "reason": "拍错了"},
}

ANSWERS: dict[str, dict[str, Any]] = {  # to an update: accepted, and refused
    "taken": {"accepted": True, "reason": None, "reply": [{"phrase": "redo_started", "values": {}}]},
    "refused": {"accepted": False, "reason": {"phrase": "which_picture", "values": {"count": "2"}}, "reply": []},
}

QUERY_ANSWERS: dict[str, str] = {  # the content of the answer to each query
    "order": "Pictures, quotes, payments, changes and the latest journal lines: see `domain/order/order.py`.",
    "quote": "`lines` has one line per picture, from `minimum` to `maximum` with its `factors`. "
    "A price set by hand is in `fixed` and overrides them.",
    "answer": "`accepted`, with the phrase of a refusal in `reason`. It tells the sender of a signal the outcome.",
    "requirement_history": "Each has `task_id`, `change_type`, `old`, `new`, `at`, `by` and `reason`; a refused "
    "one has the phrase of its refusal in `refused`.",
}
QUERY_EXAMPLES: dict[str, str] = {"answer": "payment_received:pay-88"}  # arguments of queries

LATE_EVENT: dict[str, Any] = {
    "order_id": ORDER,
    "signal": "customer_message",
    "payload": {"event_id": "msg-111", "text": "还能再改一下吗"},
}
