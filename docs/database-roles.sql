-- Four roles. `darkroom_owner` owns and migrates the tables. The worker logs in as `darkroom_worker`, the gateway as
-- `darkroom_gateway`: they read and write rows, and cannot create, change or drop a table, or bypass row-level security.
-- For the request of a signed-in user the gateway takes on `darkroom_user`, who sees only that user's records.
-- The migrations grant each role what it needs. tests/integration/orders/test_roles.py runs an order with these roles.
-- Run this once, connected to an empty database for Darkroom (CREATE DATABASE darkroom), as a superuser, or as a user who
-- may create roles and is a member of `darkroom_owner`:

CREATE ROLE darkroom_owner LOGIN PASSWORD 'change-me-too';
CREATE ROLE darkroom_worker LOGIN PASSWORD 'change-me';
CREATE ROLE darkroom_gateway LOGIN PASSWORD 'change-me-as-well';
CREATE ROLE darkroom_user NOLOGIN;
GRANT darkroom_user TO darkroom_gateway WITH INHERIT FALSE, SET TRUE;
ALTER DATABASE darkroom OWNER TO darkroom_owner;
REVOKE ALL ON DATABASE darkroom FROM PUBLIC;
GRANT CONNECT ON DATABASE darkroom TO darkroom_worker, darkroom_gateway;

-- The tables are in `public`. If DATABASE_SCHEMA names another schema:
-- CREATE SCHEMA shop AUTHORIZATION darkroom_owner;
