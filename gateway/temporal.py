"""The gateway's Temporal client."""

import asyncio

from temporalio.client import Client

from domain.vocabulary.errors import OutsideUnavailable
from starter import polling
from starter.client import TemporalConnection

CONNECT_SECONDS = 5


class Temporal:
    """A client that connects on first use, so that the gateway can start before Temporal."""

    def __init__(self, connection: TemporalConnection) -> None:
        self._connection = connection
        self._client: Client | None = None

    async def client(self) -> Client:
        """Return the connected client. Raises OutsideUnavailable if no server answers."""
        if self._client is None:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._client = await self._connection.connect()
            except (RuntimeError, TimeoutError) as error:
                raise OutsideUnavailable(f"no Temporal server answers: {error}") from error
        return self._client

    async def ping(self) -> None:
        """Check that the server answers and has our namespace. Raises OutsideUnavailable, RPCError."""
        await polling.expect_namespace(await self.client())
