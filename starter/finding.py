"""Operations on picture searches: start one, and wait for its result."""

import asyncio
import os
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.library import details
from domain.library.finding import FindRequest, Found
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest
from starter.failures import RPC_TIMEOUT, NoSuchOrder, translated
from starter.orders import WORKFLOW_TASK_TIMEOUT
from workflows import options
from workflows.designers import attributes
from workflows.find_image import FindImageWorkflow


def new_find_id(timezone: str) -> str:
    """Return a fresh id for a search."""
    return ids.find_id(datetime.now(ZoneInfo(timezone)), os.urandom(6))


async def start(client: Client, find_id: str, request: FindRequest, *, must_be_new: bool) -> None:
    """Start a search. Idempotent, even after it has ended, unless `must_be_new`.

    Raises ConnectionError, TimeoutError, and WorkflowAlreadyStartedError if `must_be_new` and the id is taken.
    """
    conflict = WorkflowIDConflictPolicy.FAIL if must_be_new else WorkflowIDConflictPolicy.USE_EXISTING
    expected = () if must_be_new else (WorkflowAlreadyStartedError,)
    try:
        with suppress(*expected):
            await client.start_workflow(
                FindImageWorkflow.run,
                request.model_dump(mode="json", exclude_defaults=True),
                id=ids.find_workflow_id(find_id),
                task_queue=options.ORDERS,
                id_conflict_policy=conflict,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                task_timeout=WORKFLOW_TASK_TIMEOUT,
                search_attributes=attributes(request.customer_id, request.acc_id),
                static_summary=details.summary(request),
                rpc_timeout=RPC_TIMEOUT,
            )
    except RPCError as error:
        raise translated(error, find_id, "search") from error


async def answer(client: Client, find_id: str, wait: timedelta) -> Found | None:
    """Return the result of a search; None if it does not end within `wait`.

    Raises NoSuchOrder if it does not exist or was terminated, MalformedRequest if its request was invalid,
    ConnectionError.
    """
    handle = client.get_workflow_handle(ids.find_workflow_id(find_id), result_type=Found)
    try:
        async with asyncio.timeout(wait.total_seconds()):  # a long poll ignores `rpc_timeout`
            found: Found = await handle.result()
    except TimeoutError:
        return None
    except WorkflowFailureError as error:
        if isinstance(error.cause, ApplicationError) and error.cause.type == MalformedRequest.__name__:
            raise MalformedRequest(error.cause.message) from error
        raise NoSuchOrder(f"search {find_id} was terminated before it had a result") from error
    except RPCError as error:
        raise translated(error, find_id, "search") from error
    return found
