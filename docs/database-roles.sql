-- Two roles: `darkroom_owner` owns and migrates the tables. Worker and gateway log in as `darkroom_app`, which reads and
-- writes rows and cannot create, change or drop a table. tests/integration/orders/test_roles.py runs an order with it.
-- Run this once, connected to an empty database for Darkroom (CREATE DATABASE darkroom), as a superuser, or as a user who
-- may create roles and is a member of `darkroom_owner`:

CREATE ROLE darkroom_owner LOGIN PASSWORD 'change-me-too';
CREATE ROLE darkroom_app LOGIN PASSWORD 'change-me';
ALTER DATABASE darkroom OWNER TO darkroom_owner;
REVOKE ALL ON DATABASE darkroom FROM PUBLIC;
GRANT CONNECT ON DATABASE darkroom TO darkroom_app;

-- The tables are in `public`. If DATABASE_SCHEMA names another schema:
-- CREATE SCHEMA shop AUTHORIZATION darkroom_owner;
-- GRANT USAGE ON SCHEMA shop TO darkroom_app;

-- Also grant access to tables and sequences of later migrations.
ALTER DEFAULT PRIVILEGES FOR ROLE darkroom_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO darkroom_app;
ALTER DEFAULT PRIVILEGES FOR ROLE darkroom_owner GRANT USAGE, SELECT ON SEQUENCES TO darkroom_app;
