-- What users prove their identity with.

create table maneiro.credentials (
    user_id uuid not null constraint credentials_user_fkey references maneiro.users (id) on delete cascade,
    kind text not null constraint credentials_kind_known check (kind in ('password')),
    hash text not null,
    scheme text not null generated always as
        (coalesce(substring(hash from '^(\$argon2id\$[^$]+\$[^$]+|\$2[aby]\$[0-9]{2})\$'), '')) stored,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    constraint credentials_pkey primary key (user_id, kind)
);
create index credentials_scheme_idx on maneiro.credentials (scheme) where kind = 'password';
comment on table maneiro.credentials is 'What users prove their identity with. Only a sign-in sees it.';
comment on column maneiro.credentials.user_id is 'The user.';
comment on column maneiro.credentials.kind is 'password.';
comment on column maneiro.credentials.hash is 'Of a password: Argon2id in PHC string format, or bcrypt of an account that was imported and has not signed in yet.';
comment on column maneiro.credentials.scheme is 'How the password was hashed: what precedes the salt. Whoever signs in has all schemes computed that are in use.';
comment on column maneiro.credentials.created_at is 'When the user first had it.';
comment on column maneiro.credentials.changed_at is 'When it was last changed.';

alter table maneiro.credentials enable row level security;
alter table maneiro.credentials force row level security;
create policy credentials_sign_in on maneiro.credentials to maneiro_sign_in using (true) with check (true);

grant select, insert, update (hash, changed_at), delete on maneiro.credentials to maneiro_sign_in;
