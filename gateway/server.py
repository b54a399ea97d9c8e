"""The HTTP server: uvicorn with connection limits, and a shutdown that ends event streams first."""

from functools import partial
from socket import socket
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from gateway.connections import Connection, ConnectionTable
from runtime.settings import Settings

SHUTDOWN_SECONDS = 10  # for requests in flight to finish at shutdown
KEEP_ALIVE_SECONDS = 20  # longer than the idle timeout of usual proxies


class Server(uvicorn.Server):
    """A server that ends event streams before it waits for open connections."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        connections = ConnectionTable(settings.connections_per_address, settings.trusted_proxies)
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.gateway_host,
                port=settings.gateway_port,
                http=cast("Any", partial(Connection, connections=connections)),  # uvicorn only calls it
                ws="none",
                log_config=None,
                access_log=False,  # paths contain link tokens; gateway/access_log.py logs routes instead
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                forwarded_allow_ips=settings.trusted_proxies,
            )
        )
        self._app = app

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop."""
        for feed in (self._app.state.feed, self._app.state.history_feed):
            feed.stop()
        await super().shutdown(sockets)
