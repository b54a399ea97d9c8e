"""A query is repeated while a worker is too busy; only a refused workflow is taken for one."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from starter import querying
from starter.failures import NoSuchDispatch, NoSuchOrder
from starter.querying import query

BUSY = WorkflowQueryFailedError("[TMPRL1101] Potential deadlock detected: workflow didn't yield within 2 second(s).")
CANNOT_REPLAY = WorkflowQueryFailedError("[TMPRL1100] Nondeterminism error: Activity type of scheduled event")
BROKEN = WorkflowQueryFailedError("AttributeError: 'OrderWorkflow' object has no attribute 'order'")
MISSING = RPCError("workflow not found", RPCStatusCode.NOT_FOUND, b"")


@dataclass
class Handle:
    """A workflow whose queries fail so often before they are answered."""

    failures: list[Exception]
    status: WorkflowExecutionStatus = WorkflowExecutionStatus.RUNNING
    asked: list[Any] = field(default_factory=list)

    async def query(self, what: str, *, args: tuple[Any, ...], rpc_timeout: timedelta) -> str:
        self.asked.append((what, *args))
        if self.failures:
            raise self.failures.pop(0)
        return "answer"

    async def describe(self, rpc_timeout: timedelta) -> Any:
        return SimpleNamespace(status=self.status)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querying, "PAUSE_SECONDS", 0)


async def of(handle: Any, kind: str = "order") -> Any:
    return await query(handle, "answer", "e1", name="NAME", kind=kind)


@pytest.mark.parametrize("failure", [BUSY, CANNOT_REPLAY])
async def test_a_worker_that_cannot_answer_now_is_asked_again(failure: Exception) -> None:
    handle = Handle([failure] * 3)
    assert await of(handle) == "answer"
    assert handle.asked == [("answer", "e1")] * 4


@pytest.mark.parametrize("failure", [BUSY, CANNOT_REPLAY, BROKEN])
async def test_a_worker_that_never_answers_is_a_timeout_that_says_why(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(querying, "ANSWER_TIMEOUT", timedelta(0))
    with pytest.raises(TimeoutError, match="its worker cannot answer: ") as raised:
        await of(Handle([failure] * 1000))
    assert str(failure) in str(raised.value)


@pytest.mark.parametrize(("kind", "missing"), [("order", NoSuchOrder), ("dispatch", NoSuchDispatch)])
async def test_a_refused_workflow_is_one_that_does_not_exist(kind: str, missing: type[Exception]) -> None:
    with pytest.raises(missing, match="NAME was started with an invalid request"):
        await of(Handle([BROKEN], WorkflowExecutionStatus.FAILED), kind)


async def test_an_unknown_workflow_is_called_by_its_name() -> None:
    with pytest.raises(NoSuchOrder, match="no open order with the id NAME"):
        await of(Handle([MISSING]))
