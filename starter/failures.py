"""Translates Temporal's errors into errors that a caller can act on."""

from datetime import timedelta

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from domain.vocabulary.errors import MalformedRequest, OrderMovedOn

RPC_TIMEOUT = timedelta(seconds=5)  # for Temporal to accept a request
ANSWER_TIMEOUT = timedelta(seconds=10)  # for a worker to answer; replaying a long order takes a while

NO_ANSWER = "no answer in time; are Temporal and a worker running?"

FAILURES = (
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    RPCError,
)  # all errors that `translated` knows


class NoSuchOrder(LookupError):
    """Temporal knows no order with this id."""


class NoSuchDispatch(NoSuchOrder):
    """Temporal knows no dispatch with this id."""


class NoSuchSearch(NoSuchOrder):
    """Temporal knows no search with this id."""


MISSING = {"order": NoSuchOrder, "dispatch": NoSuchDispatch, "search": NoSuchSearch}
# The SDK reports an exceeded `rpc_timeout` as CANCELLED, and a query without a worker as FAILED_PRECONDITION.
UNANSWERED = {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED, RPCStatusCode.FAILED_PRECONDITION}
AWAY = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED}


def translated(error: Exception, name: str, kind: str = "order") -> Exception:
    """Return the translation of a Temporal error; an unknown one is returned unchanged."""
    match error:
        case WorkflowUpdateFailedError():
            kind = getattr(error.cause, "type", "")
            return (OrderMovedOn if kind == OrderMovedOn.__name__ else MalformedRequest)(str(error.cause))
        case WorkflowUpdateRPCTimeoutOrCancelledError():
            return TimeoutError(NO_ANSWER)
        case RPCError(status=status) if status in UNANSWERED:
            return TimeoutError(NO_ANSWER)
        case RPCError(status=RPCStatusCode.NOT_FOUND):
            return MISSING[kind](f"no open {kind} with the id {name}")
        case RPCError(status=status) if status in AWAY:
            return ConnectionError(f"Temporal is unavailable or overloaded: {error.message}")
    return error
