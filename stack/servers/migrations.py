"""The job that brings the tables up to date before anybody uses them, and lets the simulated chat bot in."""

import sys
from collections.abc import Mapping

from stack.child import Child
from stack.servers.server import Server


class Migrations(Server):
    """`python -m stack.migrate`, once a start."""

    name = "migrations"

    def child(self, env: Mapping[str, str]) -> Child:
        """Return how it is started."""
        return Child(
            name=self.name,
            argv=[sys.executable, "-m", "stack.migrate"],
            env={**env, "CHAT_API_KEY": self.site.chat_api_key},
            needs=["postgres"],
            is_job=True,
        )
