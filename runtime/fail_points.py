"""Fail points: places between an outside effect and its answer at which a test lets the worker's process end."""

import inspect
import os
import sys
from functools import wraps
from typing import Any, TypeVar, cast

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

STATUS = 86  # of the process that ended at a fail point

Port = TypeVar("Port")


class FailPoint(Interceptor):
    """One place at which the process ends, as DARKROOM_FAIL_AT names it; nowhere if it is empty.

    `mail.send` ends it when the mail server has taken an e-mail, before the caller hears so; `mail.send:3` at the third
    e-mail. `activity.mail` ends it when the activity has returned, before Temporal hears so.
    """

    def __init__(self, at: str) -> None:
        self._name, _, count = at.partition(":")
        self._left = int(count or 1)

    def armed(self, port: Port, service: str) -> Port:
        """Return the port with a fail point after each of its methods; unchanged if none of its points is set."""
        if not self._name.startswith(f"{service}."):
            return port
        return cast("Port", _Armed(port, service, self))

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap an activity, if one is named."""
        return _Ending(next, self) if self._name.startswith("activity.") else next

    def passed(self, name: str) -> None:
        """End the process if this is the place: nothing is finished, nothing is said, as after SIGKILL."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            sys.stderr.write(f"ending at the fail point {name}\n")
            sys.stderr.flush()
            os._exit(STATUS)


class _Armed:
    def __init__(self, port: object, service: str, point: FailPoint) -> None:
        self._port, self._service, self._point = port, service, point

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return self._ending(method, name) if inspect.iscoroutinefunction(method) else method

    def _ending(self, method: Any, name: str) -> Any:
        @wraps(method)
        async def ending(*args: Any, **kwargs: Any) -> Any:
            result = await method(*args, **kwargs)
            self._point.passed(f"{self._service}.{name}")
            return result

        return ending


class _Ending(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, point: FailPoint) -> None:  # noqa: A002 - the SDK's name
        super().__init__(next)
        self._point = point

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        result = await super().execute_activity(input)
        self._point.passed(f"activity.{activity.info().activity_type}")
        return result
