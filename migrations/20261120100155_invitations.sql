-- Invitations to clinics by mail.

create table maneiro.invitations (
    id uuid constraint invitations_pkey primary key,
    org_id uuid not null constraint invitations_org_fkey references maneiro.organizations (id),
    email text not null constraint invitations_email_length check (char_length(email) between 3 and 254),
    role text not null constraint invitations_role_known check (role in ('admin', 'doctor', 'assistant')),
    signs boolean not null,
    language text not null constraint invitations_language_known check (language in ('en', 'es')),
    version integer not null default 1 constraint invitations_version_positive check (version > 0),
    invited_by uuid not null,
    created_at timestamptz not null,
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    mail_refused_at timestamptz,
    accepted_at timestamptz,
    accepted_by uuid,
    revoked_at timestamptz,
    constraint invitations_org_id_key unique (org_id, id),
    constraint invitations_accepted_by_someone check ((accepted_at is null) = (accepted_by is null)),
    constraint invitations_one_end check (num_nonnulls(accepted_at, revoked_at) < 2)
);
create unique index invitations_open_key on maneiro.invitations (org_id, lower(email))
    where accepted_at is null and revoked_at is null;
comment on table maneiro.invitations is 'Invitations to clinics. The secret of the mail is not stored: it is computed from id and version with a key that is not in the database.';
comment on column maneiro.invitations.id is 'UUIDv7.';
comment on column maneiro.invitations.org_id is 'The clinic.';
comment on column maneiro.invitations.email is 'The address that is invited.';
comment on column maneiro.invitations.role is 'The role that whoever accepts it gets.';
comment on column maneiro.invitations.signs is 'Whether they will sign reports.';
comment on column maneiro.invitations.language is 'Of the mails about it: en or es.';
comment on column maneiro.invitations.version is 'Counts the mails: the secret of an earlier one has ended.';
comment on column maneiro.invitations.invited_by is 'The user who invited; may have been removed since.';
comment on column maneiro.invitations.created_at is 'When it was first requested.';
comment on column maneiro.invitations.sent_at is 'When its latest mail was requested.';
comment on column maneiro.invitations.expires_at is 'When it ends unless it is accepted.';
comment on column maneiro.invitations.mail_refused_at is 'When the mail server refused its latest mail for good.';
comment on column maneiro.invitations.accepted_at is 'When it was accepted.';
comment on column maneiro.invitations.accepted_by is 'The user who accepted it.';
comment on column maneiro.invitations.revoked_at is 'When an admin revoked it.';

alter table maneiro.invitations enable row level security;
alter table maneiro.invitations force row level security;
create policy invitations_tenant on maneiro.invitations to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- Whoever accepts one has no session yet.
create policy invitations_sign_in on maneiro.invitations to maneiro_sign_in using (true) with check (true);

grant select, insert, update (version, sent_at, expires_at, mail_refused_at, revoked_at) on maneiro.invitations to maneiro_app;
grant select, update (accepted_at, accepted_by, mail_refused_at) on maneiro.invitations to maneiro_sign_in;
