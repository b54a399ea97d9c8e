"""Sets up the Temporal namespace: creates it if missing, sets its retention, registers search attributes."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.vocabulary.errors import DarkroomError

SEARCH_ATTRIBUTES = {
    "CustomerId": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "ShopId": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "OrderStatus": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Operation": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "HighValue": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "QaScore": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}
TIMEOUT_SECONDS = 60.0  # for a new namespace or attribute to reach all parts of a cluster
POLL_SECONDS = 0.2


class CannotSetUp(DarkroomError):
    """The namespace cannot be set up."""


async def set_up(client: Client, retention: timedelta) -> list[str]:
    """Set up the client's namespace, and return what was done. Idempotent. Raises CannotSetUp.

    Steps that the cluster does not permit can be done by hand; then there is nothing left to do here.
    """
    name = client.namespace
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return [
                *await _make(client, retention),
                *await _keep_closed_orders(client, retention),
                *await _register_search_attributes(client),
            ]
    except RPCError as error:
        by_hand = f"{BY_HAND}; set its retention to {retention.days} days (TEMPORAL_RETENTION_DAYS)"
        raise CannotSetUp(f"cannot set up the Temporal namespace `{name}`: {error}. {by_hand}") from error
    except TimeoutError as error:
        raise CannotSetUp(f"the Temporal namespace `{name}` was not set up within {TIMEOUT_SECONDS:.0f} s") from error


def _kind(kind: IndexedValueType.ValueType) -> str:
    return IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_").capitalize()


BY_HAND = (
    "If you lack the permission, as in Temporal Cloud, create the namespace and these search attributes there: "
    + ", ".join(f"{name} ({_kind(kind)})" for name, kind in SEARCH_ATTRIBUTES.items())
)


async def _make(client: Client, retention: timedelta) -> Sequence[str]:
    if await _is_there(client):
        return ()
    request = RegisterNamespaceRequest(
        namespace=client.namespace,
        workflow_execution_retention_period=retention,  # type: ignore[arg-type]  # protobuf takes it
    )
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:  # created concurrently
            raise
    while not await _is_there(client):  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(POLL_SECONDS)
    return (f"Namespace {client.namespace} created",)


async def _is_there(client: Client) -> bool:
    """Return whether the namespace can be used: servers notice a new one only after some seconds."""
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
        await _attributes(client)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def _keep_closed_orders(client: Client, retention: timedelta) -> Sequence[str]:
    asked = DescribeNamespaceRequest(namespace=client.namespace)
    now = (await client.workflow_service.describe_namespace(asked)).config.workflow_execution_retention_ttl
    if now.ToTimedelta() == retention:
        return ()
    config = NamespaceConfig(workflow_execution_retention_ttl=retention)  # type: ignore[arg-type]  # protobuf takes it
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=client.namespace, config=config))
    return (f"Retention of finished orders set to {retention.days} days",)


async def _register_search_attributes(client: Client) -> Sequence[str]:
    there = await _attributes(client)
    wrong = [f"{name} ({_kind(kind)})" for name, kind in SEARCH_ATTRIBUTES.items() if there.get(name, kind) != kind]
    if wrong:
        raise CannotSetUp(f"`{client.namespace}` has search attributes of the wrong type; needed: {', '.join(wrong)}")
    lacking = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in there}
    if not lacking:
        return ()
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=lacking)
    )
    while not lacking.keys() <= (await _attributes(client)).keys():  # noqa: ASYNC110 - see above
        await asyncio.sleep(POLL_SECONDS)
    return (f"Search attributes registered: {', '.join(lacking)}",)


async def _attributes(client: Client) -> dict[str, IndexedValueType.ValueType]:
    asked = ListSearchAttributesRequest(namespace=client.namespace)
    return dict((await client.operator_service.list_search_attributes(asked)).custom_attributes)
