"""Closes connections without requests, and limits the connections per client address."""

import asyncio
import resource
from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0  # for all headers of a request, from its first byte or from the connection
MOST_OPEN = 10_000
FILES_KEPT_FREE = 200  # file descriptors for Postgres, storage, Temporal, uploads
NEIGHBOURS = 64  # bits of the IPv6 prefix that counts as one address

log = structlog.get_logger("gateway")


class ConnectionTable:
    """The connections of a server: counts per address, and idle connections by age."""

    def __init__(
        self, per_address: int, proxies: str, most: int = MOST_OPEN, header_seconds: float = HEADER_SECONDS
    ) -> None:
        self.header_seconds = header_seconds
        self._per_address = per_address
        self._most = min(most, _files() - FILES_KEPT_FREE)
        self._everybody, self._proxies = "*" in proxies, list(_networks(proxies.split(",")))
        self._of_address: Counter[str] = Counter()
        self._waiting: dict[Connection, None] = {}  # oldest first

    def enter(self, connection: "Connection") -> bool:
        """Register a connection, or return False if its address has too many; may close the oldest idle one."""
        whose = self._whose(connection)
        if whose and self._of_address[whose] >= self._per_address:
            return False
        self._of_address[whose] += 1
        if self._of_address.total() > self._most and (longest := next(iter(self._waiting), None)):
            longest.hang_up()
        return True

    def leave(self, connection: "Connection") -> None:
        """Unregister a connection."""
        self._waiting.pop(connection, None)
        whose = self._whose(connection)
        self._of_address[whose] -= 1
        if self._of_address[whose] <= 0:
            del self._of_address[whose]

    def wait(self, connection: "Connection", *, is_idle: bool) -> None:
        """Note whether a connection is idle."""
        self._waiting.pop(connection, None)
        if is_idle:
            self._waiting[connection] = None

    def _whose(self, connection: "Connection") -> str:
        """Return the address that a connection counts for; '' for a trusted proxy."""
        if self._everybody or not connection.client:
            return ""
        try:
            address = ip_address(connection.client[0])
        except ValueError:
            return connection.client[0]
        if any(address in network for network in self._proxies):
            return ""
        if isinstance(address, IPv6Address):
            return str(ip_network((address, NEIGHBOURS), strict=False))
        return str(address)


class Connection(H11Protocol):
    """An HTTP connection of uvicorn with a timeout for request headers."""

    def __init__(self, *args: Any, connections: ConnectionTable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = connections
        self._is_counted = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Accept the connection, or close it if its address has too many."""
        super().connection_made(transport)
        self._is_counted = self._connections.enter(self)
        if self._is_counted:
            self._wait()
        else:
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        if self._is_counted:
            self._is_counted = False
            self._connections.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read data; headers that have begun must be complete in time."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
            self._connections.wait(self, is_idle=False)
        elif self._deadline is None:
            self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request; uvicorn closes the connection after `timeout_keep_alive`."""
        super().on_response_complete()
        if self._is_counted:
            self._connections.wait(self, is_idle=self.cycle.response_complete)

    def hang_up(self) -> None:
        """Close the connection without a response."""
        self.transport.abort()

    def _wait(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(self._connections.header_seconds, self.hang_up)
        self._connections.wait(self, is_idle=True)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _networks(named: Iterable[str]) -> Iterable[IPv4Network | IPv6Network]:
    for name in named:
        try:
            yield ip_network(name.strip(), strict=False)
        except ValueError:
            continue  # a name, which uvicorn compares literally


def _files() -> int:
    """Raise the limit of open files as far as allowed, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN + FILES_KEPT_FREE if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN + FILES_KEPT_FREE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST_OPEN + FILES_KEPT_FREE
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
