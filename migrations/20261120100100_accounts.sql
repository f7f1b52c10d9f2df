-- Clinics, users, memberships and sessions. Every migration runs as maneiro_owner.

-- The migrator created its table before the first migration; serve and worker read it to find pending migrations.
comment on table maneiro._sqlx_migrations is 'The migrations that were applied.';
comment on column maneiro._sqlx_migrations.version is 'The number that its file name begins with.';
comment on column maneiro._sqlx_migrations.description is 'The rest of its file name.';
comment on column maneiro._sqlx_migrations.installed_on is 'When it was applied.';
comment on column maneiro._sqlx_migrations.success is 'Whether it was applied completely.';
comment on column maneiro._sqlx_migrations.checksum is 'Of its text, to detect a released file that was edited.';
comment on column maneiro._sqlx_migrations.execution_time is 'In nanoseconds.';
grant select on maneiro._sqlx_migrations to maneiro_app;

-- The organization that a transaction acts for; null outside one, so that no row matches.
create function maneiro.current_org() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.org_id', true), '')::uuid;
comment on function maneiro.current_org() is 'The organization that this transaction acts for, or null.';

create table maneiro.organizations (
    id uuid constraint organizations_pkey primary key,
    name text not null constraint organizations_name_length check (char_length(name) between 1 and 200),
    plan text not null,
    trial_ends_at timestamptz,
    wrapped_key bytea not null,
    created_at timestamptz not null
);
comment on table maneiro.organizations is 'A clinic: the tenant that owns everything but users.';
comment on column maneiro.organizations.id is 'UUIDv7.';
comment on column maneiro.organizations.name is 'The clinic''s name.';
comment on column maneiro.organizations.plan is 'The key of the plan in the catalogue.';
comment on column maneiro.organizations.trial_ends_at is 'When a trial ends; after that the plan counts as free.';
comment on column maneiro.organizations.wrapped_key is 'The clinic''s data key, encrypted under the master key, which is not in the database.';
comment on column maneiro.organizations.created_at is 'When the clinic registered.';

create table maneiro.users (
    id uuid constraint users_pkey primary key,
    email text not null constraint users_email_length check (char_length(email) between 3 and 254),
    name text not null constraint users_name_length check (char_length(name) between 1 and 200),
    password_hash text not null,
    is_operator boolean not null default false,
    created_at timestamptz not null
);
create unique index users_email_key on maneiro.users (lower(email));
comment on table maneiro.users is 'A user: one e-mail address, member of any number of clinics.';
comment on column maneiro.users.id is 'UUIDv7.';
comment on column maneiro.users.email is 'As the user wrote it; unique regardless of case.';
comment on column maneiro.users.name is 'The user''s name.';
comment on column maneiro.users.password_hash is 'Argon2id in PHC string format.';
comment on column maneiro.users.is_operator is 'Whether the user is an operator of the platform; granted by a command on the server only.';
comment on column maneiro.users.created_at is 'When the account was created.';

create table maneiro.memberships (
    org_id uuid not null constraint memberships_org_fkey references maneiro.organizations (id),
    user_id uuid not null constraint memberships_user_fkey references maneiro.users (id),
    role text not null constraint memberships_role_known check (role in ('admin', 'doctor', 'assistant')),
    created_at timestamptz not null,
    constraint memberships_pkey primary key (org_id, user_id)
);
create index memberships_user_idx on maneiro.memberships (user_id, created_at);
comment on table maneiro.memberships is 'Which users belong to which clinics, in which role.';
comment on column maneiro.memberships.org_id is 'The clinic.';
comment on column maneiro.memberships.user_id is 'The user.';
comment on column maneiro.memberships.role is 'admin, doctor or assistant.';
comment on column maneiro.memberships.created_at is 'When the user joined the clinic.';

create table maneiro.sessions (
    id uuid constraint sessions_pkey primary key,
    org_id uuid not null,
    user_id uuid not null,
    token_hash bytea not null constraint sessions_token_hash_size check (octet_length(token_hash) = 32),
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint sessions_token_hash_key unique (token_hash),
    constraint sessions_org_id_key unique (org_id, id),
    constraint sessions_membership_fkey foreign key (org_id, user_id)
        references maneiro.memberships (org_id, user_id) on delete cascade
);
create index sessions_user_idx on maneiro.sessions (org_id, user_id);
comment on table maneiro.sessions is 'One sign-in of one user in one clinic.';
comment on column maneiro.sessions.id is 'UUIDv7.';
comment on column maneiro.sessions.org_id is 'The clinic that the session acts in.';
comment on column maneiro.sessions.user_id is 'The user.';
comment on column maneiro.sessions.token_hash is 'SHA-256 of the token; the token itself is stored nowhere.';
comment on column maneiro.sessions.created_at is 'When the user signed in.';
comment on column maneiro.sessions.last_seen_at is 'When the token was last used, to the minute.';
comment on column maneiro.sessions.expires_at is 'When the session ends at the latest.';
comment on column maneiro.sessions.revoked_at is 'When it was ended: by sign-out, removal from the clinic, or an admin.';

alter table maneiro.organizations enable row level security;
alter table maneiro.organizations force row level security;
create policy organizations_tenant on maneiro.organizations to maneiro_app
    using (id = maneiro.current_org()) with check (id = maneiro.current_org());
create policy organizations_system_select on maneiro.organizations for select to maneiro_system using (true);
create policy organizations_system_insert on maneiro.organizations for insert to maneiro_system with check (true);

alter table maneiro.memberships enable row level security;
alter table maneiro.memberships force row level security;
create policy memberships_tenant on maneiro.memberships to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
create policy memberships_system_select on maneiro.memberships for select to maneiro_system using (true);
create policy memberships_system_insert on maneiro.memberships for insert to maneiro_system with check (true);

-- A user is visible to the clinics they belong to.
alter table maneiro.users enable row level security;
alter table maneiro.users force row level security;
create policy users_tenant_select on maneiro.users for select to maneiro_app
    using (exists (select from maneiro.memberships m where m.user_id = users.id and m.org_id = maneiro.current_org()));
create policy users_system on maneiro.users to maneiro_system using (true) with check (true);

alter table maneiro.sessions enable row level security;
alter table maneiro.sessions force row level security;
create policy sessions_tenant on maneiro.sessions to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
create policy sessions_system on maneiro.sessions to maneiro_system using (true) with check (true);

grant select on maneiro.organizations to maneiro_app;
grant select, insert on maneiro.organizations to maneiro_system;
grant select on maneiro.users to maneiro_app;
-- Not is_operator, which is granted on the server, as maneiro_owner.
grant select, insert (id, email, name, password_hash, created_at), update (password_hash) on maneiro.users to maneiro_system;
grant select on maneiro.memberships to maneiro_app;
grant select, insert on maneiro.memberships to maneiro_system;
grant select, update (revoked_at) on maneiro.sessions to maneiro_app;
grant select, insert, update (last_seen_at) on maneiro.sessions to maneiro_system;

-- Notifies every process that serves of a session that ended. A hint: open streams also poll.
create function maneiro.notify_session() returns trigger language plpgsql as $$
begin
    perform pg_notify('maneiro_sessions', new.id::text);
    return null;
end
$$;
comment on function maneiro.notify_session() is 'Notifies the channel maneiro_sessions of a revoked session.';
create trigger sessions_notify after update of revoked_at on maneiro.sessions
    for each row execute function maneiro.notify_session();
