"""The product's workers inside the benchmark's own process, for what is watched rather than timed."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import ActivityInboundInterceptor, ActivityOutboundInterceptor, ExecuteActivityInput

import worker
from activities.activity_counter import ActivityCounter
from activities.outages import Outages
from benchmarks import faked
from benchmarks.playing import Site
from benchmarks.servers import settings_of, url_of


class Watch(ActivityCounter):
    """Tells of each activity that starts, and counts heartbeats."""

    def __init__(self, begun: Callable[[activity.Info], object] = lambda _info: None) -> None:
        super().__init__()
        self.begun, self.heartbeats = begun, 0

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Watch the activities of a worker."""
        return _Watched(super().intercept_activity(next), self)


class _Watched(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, watch: Watch) -> None:  # noqa: A002 - the SDK's name
        super().__init__(next)
        self._watch = watch

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        super().init(_Beating(outbound, self._watch))

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        self._watch.begun(activity.info())
        return await super().execute_activity(input)


class _Beating(ActivityOutboundInterceptor):
    def __init__(self, next: ActivityOutboundInterceptor, watch: Watch) -> None:  # noqa: A002 - the SDK's name
        super().__init__(next)
        self._watch = watch

    def heartbeat(self, *details: Any) -> None:
        self._watch.heartbeats += 1
        super().heartbeat(*details)


@asynccontextmanager
async def own_worker(place: Site, client: Client, watch: Watch) -> AsyncIterator[None]:
    """Run the product on fakes and a real Postgres until the block ends."""
    settings = settings_of(place.stack).model_copy(update={"database_url": url_of(place.stack, "darkroom_worker")})
    async with AsyncExitStack() as stack:
        with faked.outside(faked.TimedChat()):
            workers = await worker.build_workers(settings, client, stack, watch, Outages())
        for one in workers:
            await stack.enter_async_context(one)
        yield
