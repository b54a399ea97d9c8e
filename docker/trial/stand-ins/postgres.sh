#!/bin/bash
# Creates a cluster and runs the mounted init scripts on the first start, then starts the server.
set -Eeo pipefail

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    export POSTGRES_USER=postgres PGHOST=/run/postgresql PGPASSWORD="$POSTGRES_PASSWORD"
    mkdir -p "$PGDATA"
    # shellcheck disable=SC2086 # several options in one variable
    initdb --username=postgres --pwfile=<(echo "$POSTGRES_PASSWORD") $POSTGRES_INITDB_ARGS --pgdata="$PGDATA"
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses= -c unix_socket_directories=$PGHOST" start
    for script in /docker-entrypoint-initdb.d/*.sh; do
        bash "$script"
    done
    pg_ctl --wait --mode=fast stop
fi
exec "$@" -c 'listen_addresses=*' -c unix_socket_directories=/run/postgresql
