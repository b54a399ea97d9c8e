"""Queries that outlast a worker which is briefly too busy to answer."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from starter.failures import ANSWER_TIMEOUT, MISSING, RPC_TIMEOUT, translated

PAUSE_SECONDS = 0.5


async def query(handle: WorkflowHandle[Any, Any], what: Any, *args: Any, name: str, kind: str = "order") -> Any:
    """Query a workflow and return its answer.

    A query fails if the workflow was refused for its request, but also if the worker took over two seconds for a turn
    (TMPRL1101) or cannot replay the history (TMPRL1100): it is repeated for `ANSWER_TIMEOUT`. `name` is what an error
    calls the workflow. Raises NoSuchOrder (or the like of the `kind`) if the workflow was refused or is unknown,
    ConnectionError, and TimeoutError if no worker answers.
    """
    last = datetime.now(UTC) + ANSWER_TIMEOUT
    while True:
        try:
            return await handle.query(what, args=args, rpc_timeout=ANSWER_TIMEOUT)
        except WorkflowQueryFailedError as error:
            if await _status_of(handle, name, kind) is WorkflowExecutionStatus.FAILED:
                raise MISSING[kind](f"{name} was started with an invalid request; see its history") from error
            if datetime.now(UTC) > last:
                raise TimeoutError(f"its worker cannot answer: {error}"[:300]) from error
        except RPCError as error:
            raise translated(error, name, kind) from error
        await asyncio.sleep(PAUSE_SECONDS)


async def _status_of(handle: WorkflowHandle[Any, Any], name: str, kind: str) -> WorkflowExecutionStatus | None:
    try:
        return (await handle.describe(rpc_timeout=RPC_TIMEOUT)).status
    except RPCError as error:
        raise translated(error, name, kind) from error
