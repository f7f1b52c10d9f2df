-- Clinics, users and memberships. Every migration runs as maneiro_owner.

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
    created_at timestamptz not null,
    deleted_at timestamptz
);
comment on table maneiro.organizations is 'A clinic: the tenant that owns everything but users.';
comment on column maneiro.organizations.id is 'UUIDv7.';
comment on column maneiro.organizations.name is 'The clinic''s name.';
comment on column maneiro.organizations.created_at is 'When the clinic registered.';
comment on column maneiro.organizations.deleted_at is 'When the clinic was deleted: nobody signs in to it. The row stays as a tombstone.';

create table maneiro.users (
    id uuid constraint users_pkey primary key,
    email text not null constraint users_email_length check (char_length(email) between 3 and 254),
    email_verified_at timestamptz,
    name text not null constraint users_name_length check (char_length(name) between 1 and 200),
    language text not null default 'en' constraint users_language_known check (language in ('en', 'es')),
    is_operator boolean not null default false,
    created_at timestamptz not null,
    disabled_at timestamptz
);
create unique index users_email_key on maneiro.users (lower(email));
comment on table maneiro.users is 'A user: one e-mail address, member of any number of clinics.';
comment on column maneiro.users.id is 'UUIDv7.';
comment on column maneiro.users.email is 'As the user wrote it; unique regardless of case.';
comment on column maneiro.users.email_verified_at is 'When the user proved that they read mail to this address.';
comment on column maneiro.users.name is 'The user''s name.';
comment on column maneiro.users.language is 'Of mails to the user: en or es.';
comment on column maneiro.users.is_operator is 'Whether the user is an operator of the platform; granted by a command on the server only.';
comment on column maneiro.users.created_at is 'When the account was created.';
comment on column maneiro.users.disabled_at is 'When the account was disabled: the user cannot sign in anywhere.';

create table maneiro.memberships (
    org_id uuid not null constraint memberships_org_fkey references maneiro.organizations (id),
    user_id uuid not null constraint memberships_user_fkey references maneiro.users (id) on delete cascade,
    role text not null constraint memberships_role_known check (role in ('admin', 'doctor', 'assistant')),
    signs boolean not null default false,
    created_at timestamptz not null,
    ended_at timestamptz,
    ended_by_kind text constraint memberships_ended_by_kind_known check (ended_by_kind in ('member', 'operator')),
    ended_by_id uuid,
    constraint memberships_pkey primary key (org_id, user_id),
    constraint memberships_ended_by_someone check (num_nulls(ended_at, ended_by_kind, ended_by_id) in (0, 3))
);
create index memberships_user_idx on maneiro.memberships (user_id, created_at);
comment on table maneiro.memberships is 'Which users belong to which clinics, in which role. A membership ends; it is not deleted while the user exists.';
comment on column maneiro.memberships.org_id is 'The clinic.';
comment on column maneiro.memberships.user_id is 'The user.';
comment on column maneiro.memberships.role is 'admin, doctor or assistant.';
comment on column maneiro.memberships.signs is 'Whether the user signs reports of this clinic; set by an admin, whatever the role.';
comment on column maneiro.memberships.created_at is 'When the user joined the clinic.';
comment on column maneiro.memberships.ended_at is 'When the user left the clinic or was removed from it.';
comment on column maneiro.memberships.ended_by_kind is 'Who ended it: member or operator.';
comment on column maneiro.memberships.ended_by_id is 'The user who ended it.';

alter table maneiro.organizations enable row level security;
alter table maneiro.organizations force row level security;
create policy organizations_tenant on maneiro.organizations to maneiro_app
    using (id = maneiro.current_org()) with check (id = maneiro.current_org());
create policy organizations_sign_in on maneiro.organizations to maneiro_sign_in using (true) with check (true);
create policy organizations_session_select on maneiro.organizations for select to maneiro_session using (true);

alter table maneiro.memberships enable row level security;
alter table maneiro.memberships force row level security;
create policy memberships_tenant on maneiro.memberships to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
create policy memberships_sign_in on maneiro.memberships to maneiro_sign_in using (true) with check (true);
create policy memberships_session_select on maneiro.memberships for select to maneiro_session using (true);

-- A user is visible to the clinics they belong or belonged to.
alter table maneiro.users enable row level security;
alter table maneiro.users force row level security;
create policy users_tenant_select on maneiro.users for select to maneiro_app
    using (exists (select from maneiro.memberships m where m.user_id = users.id and m.org_id = maneiro.current_org()));
create policy users_sign_in on maneiro.users to maneiro_sign_in using (true) with check (true);
create policy users_session_select on maneiro.users for select to maneiro_session using (true);

grant select on maneiro.organizations, maneiro.memberships to maneiro_app;
-- A clinic's row is locked (for update) before its admins or seats are counted, which takes the right to update a column.
grant update (created_at) on maneiro.organizations to maneiro_app;
grant update (role, signs, ended_at, ended_by_kind, ended_by_id) on maneiro.memberships to maneiro_app;
grant select (id, email, name, language, created_at) on maneiro.users to maneiro_app;

-- Update of created_at: a sign-in locks the rows that it relies on (for share), which takes the right to update a column.
-- The others are what closing an account ends; whoever accepts an invitation after they left has the same row again.
grant select (id, name, deleted_at), insert, update (created_at, deleted_at) on maneiro.organizations to maneiro_sign_in;
grant select, insert, update on maneiro.memberships to maneiro_sign_in;
-- Not is_operator, which is granted on the server, as maneiro_owner.
grant select (id, email, name, language, is_operator, disabled_at, created_at),
    insert (id, email, email_verified_at, name, language, created_at),
    update (created_at, email, email_verified_at, disabled_at) on maneiro.users to maneiro_sign_in;

grant select (id, deleted_at) on maneiro.organizations to maneiro_session;
grant select (org_id, user_id, role, ended_at) on maneiro.memberships to maneiro_session;
grant select (id, is_operator, disabled_at) on maneiro.users to maneiro_session;
