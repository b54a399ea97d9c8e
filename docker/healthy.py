"""Exits with 0 while the process of this container reports ready: the worker, the gateway or the simulators.

Uses only the standard library, without `site`, because it runs four times a minute beside the work.
"""

import http.client
import os
import sys
from http import HTTPStatus
from pathlib import Path

TIMEOUT_SECONDS = 8  # seconds; less than the health check's own
USUAL_PORTS = {"worker": 6061, "gateway": 6060, "simulators": 6070}


def main() -> int:
    """Ask the process for its health. A job without a health page is healthy while it runs."""
    role = _role()
    if role is None:
        return 0
    status = _ask(_port(role), "/readyz")
    if status == HTTPStatus.NOT_FOUND:  # it has only a liveness page
        status = _ask(_port(role), "/healthz")
    return 0 if status == HTTPStatus.OK else 1


def _role() -> str | None:
    """Return what this container runs, according to the command lines of its processes."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has ended
            continue
        if "worker.py" in words:
            return "worker"
        if "-m" in words and (module := words[words.index("-m") + 1]) in USUAL_PORTS:
            return module
    return None


def _port(role: str) -> int:
    setting = {"worker": "WORKER_HEALTH_PORT", "gateway": "GATEWAY_PORT"}.get(role, "")
    return int(os.environ.get(setting) or USUAL_PORTS[role])


def _ask(port: int, path: str) -> int:
    """Return the HTTP status, or 0 without a response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
