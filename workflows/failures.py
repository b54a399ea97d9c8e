"""What the failure of an activity means: a cancellation, a reason for people, or a problem that all orders share."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.attempts.work import IS_SHARED
    from domain.texts.phrase import Said, said
    from domain.vocabulary.errors import Unforeseen


def raise_if_cancelled(error: FailureError) -> None:
    """Raise the error again if it is a cancellation, which ends the work instead of being handled as a failure."""
    if is_cancelled_exception(error):
        raise error


def as_own_error(error: Exception) -> Exception:
    """Return the failure of an activity as Unforeseen; any other error unchanged."""
    return Unforeseen(str(error.cause or error), why=reason_of(error)[0]) if isinstance(error, ActivityError) else error


def reason_of(error: ActivityError) -> tuple[Said, str]:
    """Return why an activity failed for good, worded for people, and the error type."""
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return said("error.timeout"), "Timeout"
    kind = cause.type or "ApplicationError"
    told = cause.details[1] if len(cause.details) > 1 else None
    return Said.model_validate(told) if told else said("error.unexpected", kind=kind), kind


def is_shared(error: ActivityError) -> bool:
    """Whether the failure affects all orders: then staff are told once, not for each order."""
    return isinstance(error.cause, ApplicationError) and IS_SHARED in error.cause.details[2:]
