"""Worker Versioning: which build of the worker gets the orders.

A build gets tasks only once it is current (`promote`) or ramping (`ramp`). Orders and dispatches move to the current
build at their next step, a share of them to the ramping one. Searches, late events and upkeep end on the build on
which they began.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentResponse,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    WorkerDeploymentConfig,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

from domain.vocabulary.errors import DarkroomError
from starter.failures import translated
from starter.visibility import quoted
from workflows.find_image import FindImageWorkflow
from workflows.late_event import LateEventWorkflow
from workflows.upkeep import UpkeepWorkflow

DEPLOYMENT = "darkroom"
# Minutes to hours long; all others park for weeks, and must be able to move to the next build.
PINNED = {workflow.__name__ for workflow in (FindImageWorkflow, LateEventWorkflow, UpkeepWorkflow)}


class CannotDeploy(DarkroomError):
    """A build cannot become current or ramping."""


@dataclass(frozen=True)
class Build:
    """One build that has polled: its status in Temporal's words, since when, and how many workflows are on it."""

    build_id: str
    status: str  # inactive, current, ramping, draining or drained
    since: datetime | None
    open_workflows: int


@dataclass(frozen=True)
class Deployment:
    """All builds, newest first, and who gets what."""

    builds: list[Build]
    current: str
    ramping: str
    percentage: float


def versioned(build_id: str) -> WorkerDeploymentConfig:
    """Return the option `deployment_config` of all workers of this build."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


class VersioningRunner(WorkflowRunner):
    """Pins short workflows to their build. In `@workflow.defn` this would break workers without versioning."""

    def __init__(self, inner: WorkflowRunner) -> None:
        self._inner = inner

    def prepare_workflow(self, defn: Any) -> None:
        """Prepare a workflow class."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance for one run."""
        if det.defn.name in PINNED:
            det = replace(det, defn=replace(det.defn, versioning_behavior=VersioningBehavior.PINNED))
        return self._inner.create_instance(det)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Pass on which exceptions fail a workflow."""
        self._inner.set_worker_level_failure_exception_types(types)


async def described(client: Client) -> Deployment:
    """Return all builds. Raises CannotDeploy if none has ever polled, ConnectionError."""
    found = await _describe(client)
    builds = [await _build(client, summary) for summary in found.worker_deployment_info.version_summaries]
    routing = found.worker_deployment_info.routing_config
    return Deployment(
        builds=builds,
        current=routing.current_deployment_version.build_id,
        ramping=routing.ramping_deployment_version.build_id,
        percentage=routing.ramping_version_percentage,
    )


async def _describe(client: Client) -> DescribeWorkerDeploymentResponse:
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    try:
        return await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise CannotDeploy("no worker with a WORKER_BUILD_ID has polled yet: start one first") from error
        raise _translated(error, "") from error


async def _build(client: Client, summary: WorkerDeploymentInfo.WorkerDeploymentVersionSummary) -> Build:
    build_id = summary.deployment_version.build_id
    status = WorkerDeploymentVersionStatus.Name(summary.status).removeprefix("WORKER_DEPLOYMENT_VERSION_STATUS_")
    times = {
        "CURRENT": summary.current_since_time,
        "RAMPING": summary.ramping_since_time,
        "DRAINING": summary.last_deactivation_time,
        "DRAINED": summary.last_deactivation_time,
    }
    running = f"TemporalWorkerDeploymentVersion = '{DEPLOYMENT}:{quoted(build_id)}' AND ExecutionStatus = 'Running'"
    counted = await client.count_workflows(running)
    return Build(build_id, status.lower(), _time(times.get(status, summary.create_time)), counted.count)


def _time(moment: Timestamp) -> datetime | None:
    return moment.ToDatetime(UTC) if moment.seconds else None


async def promote(client: Client, build_id: str) -> None:
    """Let a build have all orders. Idempotent.

    Raises CannotDeploy if none of its workers polls or not all queues are polled, ConnectionError.
    """
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=DEPLOYMENT,
        build_id=build_id,
        conflict_token=(await _describe(client)).conflict_token,
        identity=client.identity,
    )
    try:
        await client.workflow_service.set_worker_deployment_current_version(request)
    except RPCError as error:
        raise _translated(error, build_id) from error


async def ramp(client: Client, build_id: str, percentage: float) -> None:
    """Let a build have a share of the orders, 0 to 100; `build_id` may be empty at 0. Raises as `promote`."""
    request = SetWorkerDeploymentRampingVersionRequest(
        namespace=client.namespace,
        deployment_name=DEPLOYMENT,
        build_id=build_id,
        percentage=percentage,
        conflict_token=(await _describe(client)).conflict_token,
        identity=client.identity,
    )
    try:
        await client.workflow_service.set_worker_deployment_ramping_version(request)
    except RPCError as error:
        raise _translated(error, build_id) from error


async def roll_back(client: Client) -> str:
    """Stop a ramp; if there is none, make the build current that was so before. Return the build that has the orders.

    Raises CannotDeploy if there is no earlier one or none of its workers polls any more, ConnectionError.
    """
    found = await _describe(client)
    routing = found.worker_deployment_info.routing_config
    current = routing.current_deployment_version.build_id
    if routing.ramping_deployment_version.build_id:
        await ramp(client, "", 0)
        return current
    earlier = {
        summary.deployment_version.build_id: summary.last_current_time.ToNanoseconds()
        for summary in found.worker_deployment_info.version_summaries
        if summary.deployment_version.build_id != current and summary.HasField("last_current_time")
    }
    if not earlier:
        raise CannotDeploy("no other build has been current: there is nothing to roll back to")
    before = _latest(earlier)
    await promote(client, before)
    return before


def _latest(times: Mapping[str, int]) -> str:
    return max(times, key=lambda build_id: times[build_id])


def _translated(error: RPCError, build_id: str) -> Exception:
    known = {
        RPCStatusCode.NOT_FOUND: f"no worker of the build {build_id} has polled: start one first",
        RPCStatusCode.FAILED_PRECONDITION: f"the build {build_id} cannot have orders yet: {error.message}",
        RPCStatusCode.INVALID_ARGUMENT: error.message,
        RPCStatusCode.ABORTED: "somebody else changed the deployment meanwhile: look at `darkroom deploy status`",
    }
    if error.status in known:
        return CannotDeploy(known[error.status])
    told = translated(error, build_id)
    return CannotDeploy(f"Temporal refused: {error.message}") if told is error else told
