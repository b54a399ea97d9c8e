"""The worker, which runs workflows and activities."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from runtime.setting_groups.process import QUEUES
from stack.child import Child
from stack.ports import LOOPBACK
from stack.probes import answers_ok
from stack.servers.postgres import as_role
from stack.servers.server import Server, Site


class Worker(Server):
    """`worker.py` with its health page enabled."""

    name = "worker"
    usual_ports: ClassVar = {"worker health": 6061}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.health_port = site.ports["worker health"]
        self.settings = {
            "WORKER_HEALTH_HOST": LOOPBACK,
            "WORKER_HEALTH_PORT": str(self.health_port),
            "WORKER_QUEUES": ",".join(QUEUES),  # the only worker
        }

    def child(self, env: Mapping[str, str]) -> Child:
        """Return its child process."""
        return Child(
            name=self.name,
            argv=[sys.executable, "worker.py"],
            env=as_role(self.site, "darkroom_worker", env),
            needs=["temporal", "migrations", "storage", "simulators"],
            is_ready=partial(answers_ok, f"http://{LOOPBACK}:{self.health_port}/readyz"),  # it polls its queues
            stop_within=self.site.user.worker_grace_seconds + 5,  # an activity may still be working on a picture
        )
