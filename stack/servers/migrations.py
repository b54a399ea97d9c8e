"""The job that migrates the tables and registers the simulated chat bot's key, before other servers start."""

import sys
from collections.abc import Mapping

from stack.child import Child
from stack.servers.server import Server


class Migrations(Server):
    """`python -m stack.migrate`, once per start."""

    name = "migrations"

    def child(self, env: Mapping[str, str]) -> Child:
        """Return its child process."""
        return Child(
            name=self.name,
            argv=[sys.executable, "-m", "stack.migrate"],
            env={**env, "CHAT_API_KEY": self.site.chat_api_key},
            needs=["postgres"],
            is_job=True,
        )
