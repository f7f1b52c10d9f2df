-- The three roles and the schema. Run before every migration, so it changes nothing that exists: roles belong to the whole
-- cluster, and its administrator may prefer to create them by hand.
--   maneiro_owner   owns everything; every migration runs as it; cannot log in.
--   maneiro_app     what serve and worker log in as; sees the rows of one organization at a time.
--   maneiro_system  entered with SET LOCAL ROLE for the few things done before the organization is known.
-- None is superuser or may bypass row-level security. The password of maneiro_app is set by the administrator of the cluster.
do $$
begin
    -- Two databases of one cluster may be migrated at the same moment; roles are shared, so one waits for the other.
    perform pg_advisory_xact_lock(hashtext('maneiro roles'));
    if not exists (select from pg_roles where rolname = 'maneiro_owner') then
        create role maneiro_owner nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not exists (select from pg_roles where rolname = 'maneiro_system') then
        create role maneiro_system nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not exists (select from pg_roles where rolname = 'maneiro_app') then
        -- noinherit: maneiro_app has the rights of maneiro_system only inside SET LOCAL ROLE.
        create role maneiro_app login noinherit nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not pg_has_role('maneiro_app', 'maneiro_system', 'member') then
        grant maneiro_system to maneiro_app;
    end if;
    if not exists (select from pg_namespace where nspname = 'maneiro') then
        create schema maneiro authorization maneiro_owner;
        comment on schema maneiro is 'All tables and functions of the cloud service.';
        grant usage on schema maneiro to maneiro_app, maneiro_system;
    end if;
end
$$;
