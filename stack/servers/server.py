"""The base class of servers, and the site on which they are placed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from runtime.settings import Settings
from stack.child import Child
from stack.folder import DataFolder


@dataclass(frozen=True)
class Site:
    """Where and how servers are placed: data folder, ports, the user's settings, and options."""

    folder: DataFolder
    ports: Mapping[str, int]
    user: Settings
    simulates_gemini: bool = False
    for_tests: bool = False

    def secret(self, field: str) -> str:
        """Return the value of a secret setting: the user's, else one generated for this folder."""
        if field in self.user.model_fields_set:
            return str(getattr(self.user, field).get_secret_value())
        return self.folder.secret(field).read_text()

    @property
    def chat_api_key(self) -> str:
        """The API key of the simulated chat bot, derived from a secret of this folder."""
        secret = self.folder.secret("chat_api_key").read_text()
        return f"dk_{secret[:16]}_{secret[16:]}"


class Server(ABC):
    """A fully configured server that is not started yet."""

    name: ClassVar[str]
    usual_ports: ClassVar[Mapping[str, int]] = {}  # shown to users, by name
    inner_ports: ClassVar[Mapping[str, int]] = {}  # used only within the server

    def __init__(self, site: Site) -> None:
        self.site = site
        self.settings: Mapping[str, str] = {}  # environment variables with which other processes reach it
        self.links: Mapping[str, str] = {}  # URLs for users, by name

    @abstractmethod
    def child(self, env: Mapping[str, str]) -> Child:
        """Return its child process, given the settings of all servers."""
