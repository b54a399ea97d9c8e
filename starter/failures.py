"""What may go wrong on the way to Temporal, as errors that a caller can act on."""

from datetime import timedelta

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import MalformedRequest

TAKEN = timedelta(seconds=5)  # how long Temporal may take to put something in its history
ANSWERED = timedelta(seconds=10)  # how long a question waits for a worker; replaying a long order takes a while

FAILURES = (WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCError)  # all that is translated


class NoSuchOrder(LookupError):
    """No order of that id is known to Temporal."""


def translated(error: Exception, name: str, kind: str = "order") -> Exception:
    """Return the error that a caller can act on for one of Temporal's."""
    match error:
        case WorkflowUpdateFailedError():
            return MalformedRequest(str(error.cause))
        case WorkflowUpdateRPCTimeoutOrCancelledError() | RPCError(status=RPCStatusCode.DEADLINE_EXCEEDED):
            return TimeoutError("no answer in time; do Temporal and a worker run?")
        case RPCError(status=RPCStatusCode.NOT_FOUND):
            return NoSuchOrder(f"no open {kind} is called {name}")
        case RPCError(status=RPCStatusCode.UNAVAILABLE):
            return ConnectionError(f"Temporal went away: {error.message}")
    return error
