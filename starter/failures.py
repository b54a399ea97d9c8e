"""What may go wrong on the way to Temporal, as errors that a caller can act on."""

from datetime import timedelta

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from domain.vocabulary.errors import MalformedRequest

RPC_TIMEOUT = timedelta(seconds=5)  # how long Temporal may take to put something in its history
ANSWER_TIMEOUT = timedelta(seconds=10)  # how long a question waits for a worker; replaying a long order takes a while

NO_ANSWER = "no answer in time; do Temporal and a worker run?"

FAILURES = (WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCError)  # all that is translated


class NoSuchOrder(LookupError):
    """No order of that id is known to Temporal."""


class NoSuchDispatch(NoSuchOrder):
    """No dispatch of that id is."""


class NoSuchSearch(NoSuchOrder):
    """No search of that id is."""


MISSING = {"order": NoSuchOrder, "dispatch": NoSuchDispatch, "search": NoSuchSearch}
# The SDK calls what has run out of its `rpc_timeout` cancelled; a query whose worker has gone fails a precondition.
UNANSWERED = {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED, RPCStatusCode.FAILED_PRECONDITION}
AWAY = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED}


def translated(error: Exception, name: str, kind: str = "order") -> Exception:
    """Return the error that a caller can act on for one of Temporal's."""
    match error:
        case WorkflowUpdateFailedError():
            return MalformedRequest(str(error.cause))
        case WorkflowUpdateRPCTimeoutOrCancelledError():
            return TimeoutError(NO_ANSWER)
        case RPCError(status=status) if status in UNANSWERED:
            return TimeoutError(NO_ANSWER)
        case RPCError(status=RPCStatusCode.NOT_FOUND):
            return MISSING[kind](f"no open {kind} is called {name}")
        case RPCError(status=status) if status in AWAY:
            return ConnectionError(f"Temporal is away or too busy: {error.message}")
    return error
