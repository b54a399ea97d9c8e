#!/bin/sh
# The development server of the `temporal` command.
set -eu
[ -r "$DYNAMIC_CONFIG_FILE_PATH" ] || { echo "$DYNAMIC_CONFIG_FILE_PATH cannot be read" >&2; exit 1; }
exec temporal server start-dev --headless --ip "$BIND_ON_IP" --port 7233 --http-port 7243 --log-level warn \
    --db-filename /tmp/temporal.db
