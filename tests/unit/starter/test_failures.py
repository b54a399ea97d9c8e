"""What Temporal's errors become: something that a caller can act on."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from starter.failures import NoSuchDispatch, NoSuchOrder, translated


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        (RPCStatusCode.CANCELLED, TimeoutError),  # what the SDK says when `rpc_timeout` has passed
        (RPCStatusCode.DEADLINE_EXCEEDED, TimeoutError),
        (RPCStatusCode.FAILED_PRECONDITION, TimeoutError),  # a query, shortly after the worker has gone
        (RPCStatusCode.UNAVAILABLE, ConnectionError),
        (RPCStatusCode.RESOURCE_EXHAUSTED, ConnectionError),
        (RPCStatusCode.NOT_FOUND, NoSuchOrder),
    ],
)
def test_an_error_of_temporal_is_one_that_a_caller_can_act_on(status: RPCStatusCode, becomes: type[Exception]) -> None:
    assert type(translated(RPCError("why", status, b""), "ORDER_1")) is becomes


def test_what_is_missing_is_named_for_what_it_is() -> None:
    missing = translated(RPCError("why", RPCStatusCode.NOT_FOUND, b""), "dispatch-TASK_1", "dispatch")
    assert (type(missing), str(missing)) == (NoSuchDispatch, "no open dispatch with the id dispatch-TASK_1")


def test_other_errors_stay_what_they_are() -> None:
    error = RPCError("why", RPCStatusCode.INTERNAL, b"")
    assert translated(error, "ORDER_1") is error
