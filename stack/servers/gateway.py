"""The HTTP gateway."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from stack.child import Child
from stack.demo_user import board_link, history_link
from stack.ports import LOOPBACK
from stack.probes import answers_ok
from stack.servers.postgres import as_role
from stack.servers.server import Server, Site


class Gateway(Server):
    """`python -m gateway`."""

    name = "gateway"
    usual_ports: ClassVar = {"gateway": 6060}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.port = str(site.ports["gateway"])
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.settings = {
            "GATEWAY_HOST": LOOPBACK,
            "GATEWAY_PORT": self.port,
            "GATEWAY_URL": self.url,
            "LINK_SECRET": site.secret("link_secret"),
            "TOKEN_SECRET": site.secret("token_secret"),
            "PAYMENT_SECRETS": site.secret("payment_secrets"),
        }
        self.links = {"Gateway": f"{self.url}/docs"}
        pages = {"Staff board": board_link(site, self.url), "Task history": history_link(site, self.url)}
        self.links = {name: link for name, link in pages.items() if link} | self.links

    def child(self, env: Mapping[str, str]) -> Child:
        """Return its child process."""
        return Child(
            name=self.name,
            argv=[sys.executable, "-m", "gateway"],
            env=as_role(self.site, "darkroom_gateway", env),
            needs=["temporal", "migrations", "storage"],
            is_ready=partial(answers_ok, f"{self.url}/readyz"),
        )
