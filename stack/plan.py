"""Plans a stack: its servers, their ports and secrets, and the settings of all processes."""

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

Provider = Literal["local", "gemini-simulator"]  # `local`: whatever GEMINI_API_KEY and ARK_API_KEY configure
ALL = (Postgres, Temporal, Storage, Simulators, Migrations, Worker, Gateway)  # in order of dependency
SERVERS = tuple(kind.name for kind in ALL)
# The user may choose external services; servers of the stack are always used at their own addresses.
OUTSIDE = {"bot_url", "wechat_webhook", "smtp_host", "smtp_port", "private_picture_hosts", "gateway_url"}


@dataclass(frozen=True)
class StackOptions:
    """Which servers to start, and how.

    `usual_ports`: prefer the default ports. `for_tests`: allow time skipping, and do not sync to disk.
    """

    servers: Collection[str] = SERVERS
    provider: Provider = "local"
    usual_ports: bool = True
    for_tests: bool = False


@dataclass(frozen=True)
class Plan:
    """The servers, their reserved ports, the settings of all processes as environment variables, and notes."""

    servers: Sequence[Server]
    ports: Collection[int]
    env: Mapping[str, str]
    notes: Sequence[str]


def make_plan(folder: DataFolder, options: StackOptions, user: Settings) -> Plan:
    """Return the plan of a stack; `user` are the user's settings, without the address file."""
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
    return Plan(servers, ports.values(), env, [*_busy_ports(kinds, new, ports), *_shadowed(env, user)])


def _usual_ports(kinds: Iterable[type[Server]], user: Settings) -> dict[str, int]:
    usual = {name: port for kind in kinds for name, port in (*kind.usual_ports.items(), *kind.inner_ports.items())}
    return usual | ({"gateway": user.gateway_port} if "gateway" in usual else {})


def _kept_ports(folder: DataFolder, user: Settings) -> dict[str, int]:
    """Return the ports of earlier starts, except one that the user has set."""
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
    return [f"port {usual[name]} is in use: {name} uses {chosen[name]} instead" for name in public]


def _shadowed(env: Mapping[str, str], user: Settings) -> list[str]:
    """Return notes on user settings that point `darkroom` away from this stack."""
    own = {name: getattr(user, name.lower()) for name in env if name.lower() in user.model_fields_set}
    plain = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value) for name, value in own.items()
    }
    return [
        f"{name} is set in your environment or .env: `darkroom` commands use it, this stack does not"
        for name, value in plain.items()
        if value != env[name]
    ]
