"""The gateway as people reach it: on a port, or with nothing behind it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.server import KEEP_ALIVE_SECONDS
from runtime.settings import Settings

NOWHERE = {
    "temporal_address": "127.0.0.1:1",
    "database_url": "postgresql+asyncpg://darkroom@127.0.0.1:1/darkroom",
    "s3_endpoint_url": "http://127.0.0.1:1",
}


def app_with(**settings: Any) -> FastAPI:
    return create_app(Settings(_env_file=None, link_secret="of the tests", **settings))


async def signed_in(url: str, token: str, who: Literal["user", "staff"] = "staff") -> str:
    """Sign in with a token as a browser does, and return its cookie, `NAME=VALUE`."""
    path = {"user": "/history/session", "staff": "/staff/session"}[who]
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=30) as browser:
        answer = await browser.post(path, data={"token": token})
    assert answer.status_code in {204, 303}, answer.text
    return str(answer.headers["set-cookie"]).partition(";")[0]


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve the app on a free port: its answer is out before everything that follows it is done."""
    config = uvicorn.Config(app, port=0, log_level="warning", timeout_keep_alive=KEEP_ALIVE_SECONDS)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
