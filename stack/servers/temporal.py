"""The Temporal server with its Web UI, on SQLite."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.upkeep.days import quietest_hour
from stack.child import Child
from stack.errors import BootstrapFailed
from stack.ports import LOOPBACK
from stack.programs import program
from stack.servers.server import Server, Site
from starter import upkeep
from starter.client import CONVERTER
from starter.namespace import CannotSetUp, set_up

DYNAMIC_CONFIG = {
    # Dispatch tasks at once instead of every 50 ms.
    "history.transferProcessorMaxPollRPS": "10000",
    "history.timerProcessorMaxPollRPS": "10000",
    "history.visibilityProcessorMaxPollRPS": "10000",
    # Fairness between shops is exact only within one partition.
    "matching.enableFairness": "true",
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}
FOR_TESTS = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"1ms"',  # instead of one second, which would delay each time skip
    "limit.historyCount.suggestContinueAsNew": "500",  # instead of 4096 events, to keep tests short
}


class Temporal(Server):
    """A Temporal server that keeps its data over restarts."""

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
            "TEMPORAL_TLS": "false",  # even if the user's own server uses TLS
            "TEMPORAL_UI_URL": ui,
        }
        self.links = {"Temporal Web UI": f"{ui}/namespaces/{self.namespace}/workflows"}

    def child(self, env: Mapping[str, str]) -> Child:  # noqa: ARG002 - it needs no settings
        """Return its child process."""
        return Child(
            name=self.name,
            argv=self._argv(),
            prepare=self._make_folder,
            is_ready=self._is_ready,
            bootstrap=self._bootstrap,
        )

    def _argv(self) -> list[str]:
        ports = self.site.ports
        synchronous = "OFF" if self.site.for_tests else "FULL"
        dynamic_config = DYNAMIC_CONFIG | (FOR_TESTS if self.site.for_tests else {})
        return [
            *(program("temporal"), "server", "start-dev", "--log-level", "warn", "--ui-disable-news-fetch"),
            *("--ip", LOOPBACK, "--port", str(ports["temporal"]), "--ui-port", str(ports["temporal web ui"])),
            *("--namespace", self.namespace, "--db-filename", str(self.folder / "temporal.db")),
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", f"synchronous={synchronous}"),
            *(part for key, value in dynamic_config.items() for part in ("--dynamic-config-value", f"{key}={value}")),
        ]

    async def _make_folder(self) -> None:
        self.folder.mkdir(exist_ok=True)

    async def _is_ready(self) -> bool:
        try:
            client = await Client.connect(self.address)
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=self.namespace))
        except (RuntimeError, RPCError):  # not listening yet, or the namespace does not exist yet
            return False
        return True

    async def _bootstrap(self) -> None:
        user = self.site.user
        await bootstrap(self.address, self.namespace, user.temporal_retention_days)
        if not self.site.for_tests:  # its runs would come between theirs
            client = await Client.connect(self.address, namespace=self.namespace, data_converter=CONVERTER)
            hour = quietest_hour(user.shop_opens_at, user.shop_closes_at)
            await upkeep.set_up(client, hour, user.shop_timezone, user.staff_language)


async def bootstrap(address: str, namespace: str, retention_days: int = 30) -> None:
    """Set up a namespace through the API. Raises BootstrapFailed.

    The dev server's flags do not apply to a namespace that already exists.
    """
    try:
        await set_up(await Client.connect(address, namespace=namespace), timedelta(days=retention_days))
    except CannotSetUp as error:
        raise BootstrapFailed(str(error)) from error
