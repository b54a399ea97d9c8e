"""The gateway: HTTP for bots and people."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from stack.child import Child
from stack.ports import LOOPBACK
from stack.probes import answers_ok
from stack.servers.server import Server, Site


class Gateway(Server):
    """`gateway.app` under uvicorn."""

    name = "gateway"
    usual_ports: ClassVar = {"gateway": 6060}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.port = str(site.ports["gateway"])
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.settings = {
            "GATEWAY_PORT": self.port,
            "GATEWAY_URL": self.url,
            "LINK_SECRET": site.secret("link_secret"),
        }
        self.links = {"Gateway": f"{self.url}/readyz"}

    def child(self, env: Mapping[str, str]) -> Child:
        """Return how it is started."""
        return Child(
            name=self.name,
            argv=[
                *(sys.executable, "-m", "uvicorn", "--factory", "gateway.app:create_app"),
                *("--host", LOOPBACK, "--port", self.port, "--timeout-graceful-shutdown", "5"),
            ],
            env=env,
            needs=["temporal", "migrations", "storage"],
            is_ready=partial(answers_ok, f"{self.url}/readyz"),
        )
