"""What may be done with searches for pictures: start one, and read what it came to."""

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
    """Start a search; the same again, unless it `must_be_new`, changes nothing even where it has ended.

    Raises WorkflowAlreadyStartedError for an id that is taken, ConnectionError, TimeoutError.
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


async def answer(client: Client, find_id: str, patience: timedelta) -> Found | None:
    """Return what a search came to; None where it has not ended in time.

    Raises NoSuchOrder where there is none or somebody ended it, MalformedRequest for one that is none, ConnectionError.
    """
    handle = client.get_workflow_handle(ids.find_workflow_id(find_id), result_type=Found)
    try:
        async with asyncio.timeout(patience.total_seconds()):  # a long poll does not heed `rpc_timeout`
            found: Found = await handle.result()
    except TimeoutError:
        return None
    except WorkflowFailureError as error:
        if isinstance(error.cause, ApplicationError) and error.cause.type == MalformedRequest.__name__:
            raise MalformedRequest(error.cause.message) from error
        raise NoSuchOrder(f"the search {find_id} was ended before it came to anything") from error
    except RPCError as error:
        raise translated(error, find_id, "search") from error
    return found
