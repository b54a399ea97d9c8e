#!/bin/sh
# What a container of the image runs: `worker`, `gateway`, `simulators ...`, or any other command such as `darkroom doctor`.
set -eu

case "${1:-worker}" in
    worker) exec python worker.py ;;
    gateway) exec python -m gateway ;;
    simulators)
        shift
        # The key to the gateway's API is made by docker/chat_key.py, and lies in a volume that both see.
        if [ -r /keys/chat ]; then
            CHAT_API_KEY=$(cat /keys/chat)
            export CHAT_API_KEY
        fi
        exec python -m simulators --host 0.0.0.0 --data /data --samples demo/photos "$@"
        ;;
    *) exec "$@" ;;
esac
