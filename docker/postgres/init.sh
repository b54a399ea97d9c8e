#!/bin/bash
# The Postgres image runs this when its volume is new. It creates the roles and databases of Darkroom and of Temporal;
# neither can access the other's. Darkroom has the roles of docs/database-roles.sql: the owner of the tables only for
# migrations, one each for worker and gateway, and one that the gateway takes on for a signed-in user.
set -e

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$DARKROOM_OWNER_DB_PASSWORD" --set worker="$DARKROOM_WORKER_DB_PASSWORD" \
    --set gateway="$DARKROOM_GATEWAY_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" \
    << 'SQL'
CREATE ROLE darkroom_owner LOGIN PASSWORD :'owner';
CREATE ROLE darkroom_worker LOGIN PASSWORD :'worker';
CREATE ROLE darkroom_gateway LOGIN PASSWORD :'gateway';
CREATE ROLE darkroom_user NOLOGIN;
GRANT darkroom_user TO darkroom_gateway WITH INHERIT FALSE, SET TRUE;
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE darkroom OWNER darkroom_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE darkroom, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE darkroom TO darkroom_worker, darkroom_gateway;
SQL
