-- The roles of worker, gateway and signed-in users. They belong to the server, not to the database, so they may be there.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['darkroom_worker', 'darkroom_gateway', 'darkroom_user'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM pg_auth_members
         WHERE roleid = 'darkroom_user'::regrole AND member = 'darkroom_gateway'::regrole
           AND set_option AND NOT inherit_option
    ) THEN
        GRANT darkroom_user TO darkroom_gateway WITH INHERIT FALSE, SET TRUE;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE insufficient_privilege USING MESSAGE = 'the roles darkroom_worker, darkroom_gateway and darkroom_user are not '
            'set up, and this user may not do it: run docs/database-roles.sql as an administrator';
END
$$;

DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_roles
         WHERE rolname IN ('darkroom_worker', 'darkroom_gateway', 'darkroom_user') AND (rolsuper OR rolbypassrls)
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'darkroom_worker, darkroom_gateway and darkroom_user must not be '
            'superusers or bypass row-level security: see docs/database-roles.sql';
    END IF;
END
$$;
