#!/bin/sh
# The entry point of the image: `worker`, `gateway`, `simulators ...`, or any other command such as `darkroom doctor`.
set -eu

case "${1:-worker}" in
    worker) exec python worker.py ;;
    gateway) exec python -m gateway ;;
    simulators)
        shift
        # docker/chat_key.py creates the API key for the gateway in a shared volume.
        if [ -r /keys/chat ]; then
            CHAT_API_KEY=$(cat /keys/chat)
            export CHAT_API_KEY
        fi
        exec python -m simulators --host 0.0.0.0 --data /data --samples demo/photos "$@"
        ;;
    *) exec "$@" ;;
esac
