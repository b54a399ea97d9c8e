"""Serves the gateway: `python -m gateway`, until SIGTERM or SIGINT."""

import sys

from gateway.app import create_app
from gateway.server import Server
from runtime import garbage, logs
from runtime.settings import read_settings
from starter.client import InvalidConnection


def main() -> None:
    """Read the settings and serve."""
    settings = read_settings()
    logs.configure(settings.log_level, settings.log_format)
    try:
        app = create_app(settings)
    except InvalidConnection as error:
        sys.exit(f"darkroom: invalid settings: {error}")
    garbage.settle()
    Server(app, settings).run()


if __name__ == "__main__":
    del __file__  # else each imaging process would run this file again (anyio.to_process)
    main()
