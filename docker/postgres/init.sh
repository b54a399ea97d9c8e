#!/bin/bash
# The Postgres image runs this when its volume is new. It creates the roles and databases of Darkroom and of Temporal;
# neither can access the other's. Darkroom has two roles, as in docs/database-roles.sql: the owner of the tables only for
# migrations, and the role of worker and gateway, which reads and writes rows.
set -e

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$DARKROOM_OWNER_DB_PASSWORD" --set app="$DARKROOM_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" \
    << 'SQL'
CREATE ROLE darkroom_owner LOGIN PASSWORD :'owner';
CREATE ROLE darkroom_app LOGIN PASSWORD :'app';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE darkroom OWNER darkroom_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE darkroom, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE darkroom TO darkroom_app;
\connect darkroom
ALTER DEFAULT PRIVILEGES FOR ROLE darkroom_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO darkroom_app;
ALTER DEFAULT PRIVILEGES FOR ROLE darkroom_owner GRANT USAGE, SELECT ON SEQUENCES TO darkroom_app;
SQL
