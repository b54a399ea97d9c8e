"""Decides on the servers of a stack: their ports, their passwords, and whose settings win."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from runtime.settings import Settings
from stack.folder import DataFolder
from stack.ports import choose
from stack.servers.gateway import Gateway
from stack.servers.migrations import Migrations
from stack.servers.postgres import Postgres
from stack.servers.server import Server, Site
from stack.servers.simulators import Simulators
from stack.servers.storage import Storage
from stack.servers.temporal import Temporal
from stack.servers.worker import Worker

Provider = Literal["local", "gemini-simulator"]  # `local` leaves it to GEMINI_API_KEY, as everywhere
ALL = (Postgres, Temporal, Storage, Simulators, Migrations, Worker, Gateway)  # each after what it needs
SERVERS = tuple(kind.name for kind in ALL)
# What lies outside is the user's to choose; what the stack starts is reached where the stack has put it.
OUTSIDE = {"bot_url", "wechat_webhook", "smtp_host", "smtp_port", "private_picture_hosts", "gateway_url"}


@dataclass(frozen=True)
class StackOptions:
    """Which servers, and how.

    On the `usual_ports` where these are free; `for_tests` lets time be skipped, and waits for no disk.
    """

    servers: Collection[str] = SERVERS
    provider: Provider = "local"
    usual_ports: bool = True
    for_tests: bool = False


@dataclass(frozen=True)
class Plan:
    """The servers, the settings of all as environment variables, and what people should know of the choice."""

    servers: Sequence[Server]
    env: Mapping[str, str]
    notes: Sequence[str]


def make_plan(folder: DataFolder, options: StackOptions, user: Settings) -> Plan:
    """Decide on everything before anything is started; `user` is what the user has set, addresses of ours aside."""
    kinds = [kind for kind in ALL if kind.name in options.servers]
    usual = _usual_ports(kinds, user)
    kept = _kept_ports(folder, user) if options.usual_ports else {}
    ports = choose(usual if options.usual_ports else dict.fromkeys(usual, 0), kept)
    if options.usual_ports:
        folder.keep_ports(folder.kept_ports() | ports)
    new = {name: port for name, port in usual.items() if options.usual_ports and name not in kept}
    site = Site(folder, ports, user, options.provider == "gemini-simulator", options.for_tests)
    servers = [kind(site) for kind in kinds]
    env = _env(servers, user)
    return Plan(servers, env, [*_busy_ports(kinds, new, ports), *_shadowed(env, user)])


def _usual_ports(kinds: Iterable[type[Server]], user: Settings) -> dict[str, int]:
    usual = {name: port for kind in kinds for name, port in (*kind.usual_ports.items(), *kind.inner_ports.items())}
    return usual | ({"gateway": user.gateway_port} if "gateway" in usual else {})


def _kept_ports(folder: DataFolder, user: Settings) -> dict[str, int]:
    """The ports of earlier starts, but for one that the user has set."""
    kept = folder.kept_ports()
    if "gateway_port" in user.model_fields_set:
        kept.pop("gateway", None)
    return kept


def _env(servers: Iterable[Server], user: Settings) -> dict[str, str]:
    settings = {name: value for server in servers for name, value in server.settings.items()}
    left_to_the_user = {name for name in settings if name.lower() in OUTSIDE & user.model_fields_set}
    return {name: value for name, value in settings.items() if name not in left_to_the_user}


def _busy_ports(kinds: Iterable[type[Server]], usual: Mapping[str, int], chosen: Mapping[str, int]) -> list[str]:
    public = [name for kind in kinds for name in kind.usual_ports if usual.get(name) not in {None, chosen[name]}]
    return [f"port {usual[name]} is busy: {name} uses {chosen[name]}" for name in public]


def _shadowed(env: Mapping[str, str], user: Settings) -> list[str]:
    """The settings of a user that lead `darkroom` elsewhere than to this stack."""
    own = {name: getattr(user, name.lower()) for name in env if name.lower() in user.model_fields_set}
    plain = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value) for name, value in own.items()
    }
    return [
        f"{name} is set in your environment or .env: `darkroom` follows that, this stack does not"
        for name, value in plain.items()
        if value != env[name]
    ]
