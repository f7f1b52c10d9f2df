-- Registrations that wait for the code that was mailed to an address. Nothing else of a person is stored before it comes back.

create table maneiro.registrations (
    id uuid constraint registrations_pkey primary key,
    email text not null constraint registrations_email_length check (char_length(email) between 3 and 254),
    language text not null constraint registrations_language_known check (language in ('en', 'es')),
    has_account boolean not null,
    code_tries integer not null default 0,
    requested_at timestamptz not null,
    expires_at timestamptz not null
);
create unique index registrations_email_key on maneiro.registrations (lower(email));
create index registrations_expires_idx on maneiro.registrations (expires_at);
comment on table maneiro.registrations is 'Registrations that wait for their mailed code; deleted when it is used or has expired. The code is not stored: it is computed from the id with a key that is not in the database.';
comment on column maneiro.registrations.id is 'UUIDv7; of each mail another.';
comment on column maneiro.registrations.email is 'The address that the code was mailed to.';
comment on column maneiro.registrations.language is 'Of the mails about it: en or es.';
comment on column maneiro.registrations.has_account is 'Whether the address has an account: the mail then says so and holds no code.';
comment on column maneiro.registrations.code_tries is 'Codes that were tried.';
comment on column maneiro.registrations.requested_at is 'When the mail was requested.';
comment on column maneiro.registrations.expires_at is 'When the code expires.';

alter table maneiro.registrations enable row level security;
alter table maneiro.registrations force row level security;
create policy registrations_sign_in on maneiro.registrations to maneiro_sign_in using (true) with check (true);

grant select, insert, update, delete on maneiro.registrations to maneiro_sign_in;
