#!/bin/bash
# Run by the Postgres image when its volume is new: a role for Darkroom and one for Temporal, each with databases of its
# own that the other cannot enter.
set -e

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set darkroom="$DARKROOM_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" << 'SQL'
CREATE ROLE darkroom LOGIN PASSWORD :'darkroom';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE darkroom OWNER darkroom;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE darkroom, temporal, temporal_visibility FROM PUBLIC;
SQL
