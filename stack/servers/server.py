"""What a server of the stack is, and what it is told when it is placed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from runtime.settings import Settings
from stack.child import Child
from stack.folder import DataFolder


@dataclass(frozen=True)
class Site:
    """Where servers are placed: their data folder and ports, what the user has set, and how they are wanted."""

    folder: DataFolder
    ports: Mapping[str, int]
    user: Settings
    simulates_gemini: bool = False
    for_tests: bool = False

    def secret(self, field: str) -> str:
        """Return the value of a secret setting: the user's own where there is one, else one made up for this folder."""
        if field in self.user.model_fields_set:
            return str(getattr(self.user, field).get_secret_value())
        return self.folder.secret(field).read_text()

    @property
    def chat_api_key(self) -> str:
        """The API key of the simulated chat bot, made of a secret of this folder."""
        secret = self.folder.secret("chat_api_key").read_text()
        return f"dk_{secret[:16]}_{secret[16:]}"


class Server(ABC):
    """A server with everything about it decided; not yet started."""

    name: ClassVar[str]
    usual_ports: ClassVar[Mapping[str, int]] = {}  # by what people call them
    inner_ports: ClassVar[Mapping[str, int]] = {}  # those that nobody else speaks to

    def __init__(self, site: Site) -> None:
        self.site = site
        self.settings: Mapping[str, str] = {}  # how the others reach it: environment variables of config.Settings
        self.links: Mapping[str, str] = {}  # where people reach it, by what they find there

    @abstractmethod
    def child(self, env: Mapping[str, str]) -> Child:
        """Return how it is started, given the settings of all."""
