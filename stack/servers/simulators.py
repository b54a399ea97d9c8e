"""Simulators of external systems: models, chat bot, staff chat, Tuhui, and an SMTP server with a mailbox."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from runtime.paths import ROOT
from stack.child import Child
from stack.demo_user import DEMO_USER, history_link
from stack.ports import LOOPBACK
from stack.probes import answers_ok
from stack.servers.server import Server, Site

BEGIN_HERE = "Chat (begin here)"
SIMULATED = "simulated"  # the API key that the simulated models and Tuhui expect


class Simulators(Server):
    """One process with an HTTP and an SMTP port."""

    name = "simulators"
    usual_ports: ClassVar = {"simulators": 6070, "mail": 1025}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.url = f"http://{LOOPBACK}:{site.ports['simulators']}"
        self.wecom_key = site.folder.secret("wecom_key").read_text()
        self.settings = {
            "SIMULATORS_URL": self.url,
            "BOT_URL": f"{self.url}/bot",
            "BOT_SECRET": site.secret("bot_secret"),
            "WECHAT_WEBHOOK": f"{self.url}/wecom/send?key={self.wecom_key}",
            "SMTP_HOST": LOOPBACK,
            "SMTP_PORT": str(site.ports["mail"]),
            "PRIVATE_PICTURE_HOSTS": self.url.removeprefix("http://"),
        }
        if site.simulates_gemini:
            self.settings |= {"GEMINI_API_KEY": SIMULATED, "GEMINI_BASE_URL": f"{self.url}/gemini"}
            self.settings |= {"ARK_API_KEY": SIMULATED, "ARK_BASE_URL": f"{self.url}/ark/api/v3"}
        if "tuhui_url" not in site.user.model_fields_set:
            self.settings |= self._tuhui
        self.links = {
            BEGIN_HERE: f"{self.url}/chat/",
            "Mailbox": f"{self.url}/mailbox/",
            "Conversations": f"{self.url}/bot/",
            "Staff messages": f"{self.url}/wecom/",
            "Designers": f"{self.url}/tuhui/",
        }

    @property
    def _tuhui(self) -> dict[str, str]:
        """Return the settings of the simulated dispatch system, including behaviour that Tuhui does not document."""
        return {
            "TUHUI_URL": f"{self.url}/tuhui",
            "TUHUI_API_KEY": SIMULATED,
            "TUHUI_FINISHED_STATUS": "completed",
            "TUHUI_ACCEPTED_STATUS": "accepted",
            "TUHUI_RESULT_FIELD": "result_url",
            "TUHUI_CANCEL_PATH": "/tasks/{id}/cancel",
            "TUHUI_POLL_SECONDS": "1",
        }

    def child(self, env: Mapping[str, str]) -> Child:
        """Return its child process."""
        return Child(
            name=self.name,
            argv=[
                *(sys.executable, "-m", "simulators", "--data", str(self.site.folder.path / "simulators")),
                *("--port", str(self.site.ports["simulators"]), "--smtp-port", str(self.site.ports["mail"])),
                *("--samples", str(ROOT / "demo" / "photos")),
            ],
            env={
                **env,
                "ARK_API_KEY": SIMULATED,
                "WECOM_KEY": self.wecom_key,
                "TUHUI_API_KEY": SIMULATED,
                "CHAT_API_KEY": self.site.chat_api_key,
                "CHAT_OWNER": str(DEMO_USER),
                "HISTORY_URL": (history_link(self.site, env["GATEWAY_URL"]) or "") if "GATEWAY_URL" in env else "",
            },
            is_ready=partial(answers_ok, f"{self.url}/healthz"),
        )
