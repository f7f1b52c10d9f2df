-- The three roles and the schema. Run before every migration, so it changes nothing where all is there already: roles
-- belong to the whole cluster, and whoever runs the cluster may prefer to make them by hand.
--   maneiro_owner   owns everything; every migration runs as it; cannot log in.
--   maneiro_app     what serve and worker log in as; sees one organization's rows at a time.
--   maneiro_system  entered with SET LOCAL ROLE for the few things done before the organization is known.
-- None is superuser or may bypass row-level security. The password of maneiro_app is set by whoever runs the cluster.
do $$
begin
    -- Two databases of one cluster may be migrated at the same moment; roles are shared, so take turns.
    perform pg_advisory_xact_lock(hashtext('maneiro roles'));
    if not exists (select from pg_roles where rolname = 'maneiro_owner') then
        create role maneiro_owner nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not exists (select from pg_roles where rolname = 'maneiro_system') then
        create role maneiro_system nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not exists (select from pg_roles where rolname = 'maneiro_app') then
        -- noinherit: what maneiro_system may do is had only inside SET LOCAL ROLE.
        create role maneiro_app login noinherit nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not pg_has_role('maneiro_app', 'maneiro_system', 'member') then
        grant maneiro_system to maneiro_app;
    end if;
    if not exists (select from pg_namespace where nspname = 'maneiro') then
        create schema maneiro authorization maneiro_owner;
        comment on schema maneiro is 'Everything of the cloud service.';
        grant usage on schema maneiro to maneiro_app, maneiro_system;
    end if;
end
$$;
