-- Two roles: `darkroom_owner` owns the tables and brings them up to date, `darkroom_app` is what worker and gateway log
-- in as: it reads and writes rows, and can neither make, change nor drop a table. tests/integration/orders/test_roles.py
-- runs an order with it. As a superuser or as who may create roles and is a member of `darkroom_owner`, once, connected
-- to an empty database that is to be Darkroom's (CREATE DATABASE darkroom):

CREATE ROLE darkroom_owner LOGIN PASSWORD 'change-me-too';
CREATE ROLE darkroom_app LOGIN PASSWORD 'change-me';
ALTER DATABASE darkroom OWNER TO darkroom_owner;
REVOKE ALL ON DATABASE darkroom FROM PUBLIC;
GRANT CONNECT ON DATABASE darkroom TO darkroom_app;

-- The tables lie in `public`. Where DATABASE_SCHEMA names another:
-- CREATE SCHEMA shop AUTHORIZATION darkroom_owner;
-- GRANT USAGE ON SCHEMA shop TO darkroom_app;

-- What later migrations make is covered as well.
ALTER DEFAULT PRIVILEGES FOR ROLE darkroom_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO darkroom_app;
ALTER DEFAULT PRIVILEGES FOR ROLE darkroom_owner GRANT USAGE, SELECT ON SEQUENCES TO darkroom_app;
