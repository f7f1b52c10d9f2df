-- The roles and the schema. Run before every migration, so it changes nothing that exists: roles belong to the whole
-- cluster, and its administrator may prefer to create them by hand.
--   maneiro_owner   owns everything; every migration runs as it; cannot log in.
--   maneiro_app     what serve and worker log in as; sees the rows of one organization at a time.
--   The others are entered with SET LOCAL ROLE, for the few things done before the organization is known:
--   maneiro_sign_in registration, sign-in and passwords; alone sees password hashes.
--   maneiro_session finds the session of a token.
--   maneiro_operator what operators of the platform do.
--   maneiro_system  the queue.
-- None is superuser or may bypass row-level security. The password of maneiro_app is set by the administrator of the cluster.
-- Whoever runs this is a member of maneiro_owner, or may create roles and owns the database: no superuser is needed.
-- Two databases of one cluster may be migrated at the same moment, and no lock holds beyond one database: what the other was
-- first to create is an error here, after which the migrator runs this again.
do $$
declare
    entered text;
    -- Since PostgreSQL 16 membership and the right to SET ROLE are two things, and whoever creates a role has the first only.
    may_set constant text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
    if not exists (select from pg_roles where rolname = 'maneiro_owner') then
        create role maneiro_owner nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    if not exists (select from pg_roles where rolname = 'maneiro_app') then
        -- noinherit: maneiro_app has the rights of the other roles only inside SET LOCAL ROLE.
        create role maneiro_app login noinherit nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
    foreach entered in array array['maneiro_sign_in', 'maneiro_session', 'maneiro_operator', 'maneiro_system'] loop
        if not exists (select from pg_roles where rolname = entered) then
            execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole', entered);
        end if;
        if not pg_has_role('maneiro_app', entered, 'member') then
            execute format('grant %I to maneiro_app', entered);
        end if;
    end loop;
    if not pg_has_role('maneiro_owner', may_set) then
        execute format('grant maneiro_owner to %I', current_user);
    end if;
    if not exists (select from pg_namespace where nspname = 'maneiro') then
        create schema maneiro authorization maneiro_owner;
        -- The schema is not the present role's own, unless it inherits the rights of its owner.
        set local role maneiro_owner;
        comment on schema maneiro is 'All tables and functions of the cloud service.';
        grant usage on schema maneiro to maneiro_app, maneiro_sign_in, maneiro_session, maneiro_operator,
            maneiro_system;
        reset role;
    end if;
end
$$;
