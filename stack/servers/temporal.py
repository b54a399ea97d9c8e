"""The Temporal server with its Web UI: the real one, on SQLite."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from stack.child import Child
from stack.errors import BootstrapFailed
from stack.ports import LOOPBACK
from stack.programs import program
from stack.servers.server import Server, Site

RETENTION = timedelta(days=30)
SEARCH_ATTRIBUTES = {
    "CustomerId": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "ShopId": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "OrderStatus": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Operation": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "HighValue": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "QaScore": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}
DYNAMIC_CONFIG = {
    # Tasks are dispatched at once instead of on a grid of 50 ms.
    "history.transferProcessorMaxPollRPS": "10000",
    "history.timerProcessorMaxPollRPS": "10000",
    "history.visibilityProcessorMaxPollRPS": "10000",
    # No shop starves another: fairness is exact only within one partition.
    "matching.enableFairness": "true",
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}
FOR_TESTS = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "limit.historyCount.suggestContinueAsNew": "1000",  # instead of 4096 events: a test need not send so many
}


class Temporal(Server):
    """Keeps every order over a restart."""

    name = "temporal"
    usual_ports: ClassVar = {"temporal": 7233, "temporal web ui": 8233}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.folder = site.folder.path / "temporal"
        self.namespace = site.user.temporal_namespace
        self.address = f"{LOOPBACK}:{site.ports['temporal']}"
        ui = f"http://{LOOPBACK}:{site.ports['temporal web ui']}"
        self.settings = {
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": self.namespace,
            **dict.fromkeys(("TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE", "TEMPORAL_API_KEY"), ""),
            "TEMPORAL_TLS": "false",  # whatever opens the user's own server elsewhere, this one is open
            "TEMPORAL_UI_URL": ui,
        }
        self.links = {"Temporal Web UI": f"{ui}/namespaces/{self.namespace}/workflows"}

    def child(self, env: Mapping[str, str]) -> Child:  # noqa: ARG002 - it needs to know nobody
        """Return how it is started."""
        return Child(
            name=self.name,
            argv=self._argv(),
            prepare=self._make_folder,
            is_ready=self._is_ready,
            bootstrap=lambda: bootstrap(self.address, self.namespace),
        )

    def _argv(self) -> list[str]:
        ports = self.site.ports
        dynamic_config = DYNAMIC_CONFIG | (FOR_TESTS if self.site.can_skip_time else {})
        return [
            *(program("temporal"), "server", "start-dev", "--log-level", "warn", "--ui-disable-news-fetch"),
            *("--ip", LOOPBACK, "--port", str(ports["temporal"]), "--ui-port", str(ports["temporal web ui"])),
            *("--namespace", self.namespace, "--db-filename", str(self.folder / "temporal.db")),
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"),
            *(part for key, value in dynamic_config.items() for part in ("--dynamic-config-value", f"{key}={value}")),
        ]

    async def _make_folder(self) -> None:
        self.folder.mkdir(exist_ok=True)

    async def _is_ready(self) -> bool:
        try:
            client = await Client.connect(self.address)
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=self.namespace))
        except (RuntimeError, RPCError):  # nobody listens yet; the namespace is not there yet
            return False
        return True


async def bootstrap(address: str, namespace: str) -> None:
    """Set up a namespace as the orders need it: retention, search attributes. Raises BootstrapFailed.

    By the API, since the flags of the dev server do nothing to a namespace that an earlier run has made.
    """
    client = await Client.connect(address)
    try:
        await _keep_closed_orders(client, namespace)
        await _register_search_attributes(client, namespace)
    except RPCError as error:
        raise BootstrapFailed(f"the Temporal namespace `{namespace}` cannot be set up: {error}") from error


async def _keep_closed_orders(client: Client, namespace: str) -> None:
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=retention))
    )


async def _register_search_attributes(client: Client, namespace: str) -> None:
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    there = dict(listed.custom_attributes)
    wrong = [name for name, kind in SEARCH_ATTRIBUTES.items() if there.get(name, kind) != kind]
    if wrong:
        raise BootstrapFailed(f"search attributes of another type stand in `{namespace}`: {', '.join(wrong)}")
    missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in there}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
        )
