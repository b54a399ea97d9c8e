"""What a user's task history shows of one image call of their order: pure functions on the rows of the shop."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from adapters.db.projection import Row
from domain.task_history.records import LONGEST_ERROR, LONGEST_KEPT_PROMPT, LONGEST_NAME, TaskStatus, TaskType
from domain.texts.catalogue import TEXTS, Language
from domain.texts.phrase import said
from domain.vocabulary import ids
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
USABLE = {"", Outcome.MADE, Outcome.PASSED, Outcome.POOR}  # outcomes of an answered call; other images are never shown
CHANGING = (
    "status",
    "error_message",
    "aws_generated_key",
    "tokens_used",
    "generation_time_ms",
    "model_version",
    "completed_at",
)
LARGEST = 2**31 - 1  # of the columns for tokens and milliseconds


def user_of(owner: str | None) -> UUID | None:
    """Return the user that owns an order; None if its owner is not a UUID, as then nobody can sign in as that user."""
    return UUID(owner) if owner and _UUID.fullmatch(owner) else None


def record_id(call_id: str) -> UUID:
    """Return the id of the record of a model call, the same however often it is written."""
    return uuid5(NAMESPACE_OID, call_id)


def record(call: Mapping[str, Any], user_id: UUID, price: int, language: Language) -> Row:
    """Return the whole record of a call. One that has failed already costs nothing."""
    changing = changing_facts(call, language)
    lasting = {
        "id": record_id(call["task_id"]),
        "user_id": user_id,
        "task_type": TaskType.IMAGE_EDIT,
        "prompt": call["prompt"][:LONGEST_KEPT_PROMPT],
        "aspect_ratio": (call["aspect_ratio"] or "")[:LONGEST_NAME] or None,
        "aws_original_key": call["input_image_id"],
        "credits_deducted": 0 if changing["status"] is TaskStatus.FAILED else price,
        "created_at": call["created_at"],
        "order_id": call["order_id"],
        "image_task_id": call["image_task_id"],
        "call_id": call["task_id"],
    }
    return lasting | changing


def changing_facts(call: Mapping[str, Any], language: Language) -> Row:
    """Return the columns of a record that follow the call, its check, and the delivery of the order."""
    file = _file(call)
    status = _status(call, file)
    is_failed = status is TaskStatus.FAILED
    return {
        "status": status,
        "error_message": _reason(call["outcome"], language)[:LONGEST_ERROR] if is_failed else None,
        "aws_generated_key": _visible_key(call, file) if file and not is_failed else None,
        "tokens_used": _tokens(call["tokens"]),
        "generation_time_ms": call["latency_ms"] if call["latency_ms"] is None else min(call["latency_ms"], LARGEST),
        "model_version": call["model"][:LONGEST_NAME],
        "completed_at": None if status is TaskStatus.PENDING else call["completed_at"] or call["created_at"],
    }


def _file(call: Mapping[str, Any]) -> str | None:
    """Return the file of the call that the customer was shown, else the one with the best score."""
    files: Sequence[str] = call["files"] or ()
    return call["result_image"] if call["result_image"] in files else next(iter(files), None)


def _status(call: Mapping[str, Any], file: str | None) -> TaskStatus:
    match call["status"]:
        case "processing":
            return TaskStatus.PENDING
        case "completed" if call["outcome"] in USABLE or (file and file == call["result_image"]):
            return TaskStatus.COMPLETED
    return TaskStatus.FAILED


def _visible_key(call: Mapping[str, Any], file: str) -> str:
    """Return the finished file once the order has delivered it, else its watermarked preview.

    What was delivered stays while it is reworked. Once the money is back, only the preview is left.
    """
    is_refunded = call["amount_refunded"] > 0 and call["amount_refunded"] >= call["amount_paid"]
    is_paid = call["paid_at"] is not None and not is_refunded
    is_delivered = call["picture_status"] == Status.COMPLETED and file == call["result_image"]
    was_delivered = call["visible_key"] == file
    return file if is_paid and (is_delivered or was_delivered) else ids.preview_of(file)


def _reason(outcome: str, language: Language) -> str:
    """Return why it failed, without the texts of outside systems, as in the other rows that users see."""
    return TEXTS[language].say(said(f"outcome.{outcome or Outcome.BROKEN}"), detail=False)


def _tokens(by_modality: Mapping[str, Mapping[str, int]] | None) -> int | None:
    """Return the sum of all tokens; None if the provider counted none."""
    counts = [count for part in (by_modality or {}).values() for count in (part or {}).values()]
    return min(sum(counts), LARGEST) if counts else None
