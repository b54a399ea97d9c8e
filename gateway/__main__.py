"""Serves the gateway: `python -m gateway`, until SIGTERM or SIGINT."""

import sys
from socket import socket

import uvicorn
from fastapi import FastAPI

import logs
from config import Settings, read_settings
from gateway.app import create_app
from starter.client import NoDoor

LAST_WORDS_SECONDS = 10  # what requests in flight get to finish at a stop
KEEP_ALIVE_SECONDS = 20  # longer than a usual proxy waits before it sends the next request
MOST_CONNECTIONS = 1000


class _Server(uvicorn.Server):
    """A server that lets the streams end before it waits for open connections."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.gateway_host,
                port=settings.gateway_port,
                log_config=None,
                access_log=False,  # paths hold the tokens of links: gateway/access_log.py logs routes
                server_header=False,
                timeout_graceful_shutdown=LAST_WORDS_SECONDS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                limit_concurrency=MOST_CONNECTIONS,
                forwarded_allow_ips=settings.trusted_proxies,
            )
        )
        self._app = app

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop."""
        self._app.state.feed.stop()
        await super().shutdown(sockets)


def main() -> None:
    """Read the settings and serve."""
    settings = read_settings()
    logs.configure(settings.log_level, settings.log_format)
    try:
        app = create_app(settings)
    except NoDoor as error:
        sys.exit(f"darkroom: wrong settings: {error}")
    _Server(app, settings).run()


if __name__ == "__main__":
    del __file__  # else each picture process runs this file again (anyio.to_process)
    main()
