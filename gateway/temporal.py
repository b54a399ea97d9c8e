"""The gateway's way to Temporal."""

from functools import partial

from temporalio.client import Client

from domain.errors import OutsideUnavailable
from starter.client import connect


class Temporal:
    """A client that is connected at the first call that needs it: the gateway starts before Temporal does."""

    def __init__(self, address: str, namespace: str) -> None:
        self._connect = partial(connect, address, namespace)
        self._client: Client | None = None

    async def client(self) -> Client:
        """Return the client. Raises RuntimeError where no server answers."""
        self._client = self._client or await self._connect()
        return self._client

    async def ping(self) -> None:
        """Ask the server for a sign of life. Raises OutsideUnavailable, or what the SDK raises."""
        client = await self.client()
        if not await client.service_client.check_health():
            raise OutsideUnavailable("Temporal does not serve now")
