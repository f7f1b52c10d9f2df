-- The second factors of users: an authenticator's secret, and recovery codes in its place.

create table maneiro.second_factors (
    user_id uuid constraint second_factors_pkey primary key
        constraint second_factors_user_fkey references maneiro.users (id) on delete cascade,
    secret_sealed bytea,
    confirmed_at timestamptz,
    last_step bigint not null default 0,
    pending_sealed bytea,
    pending_at timestamptz,
    constraint second_factors_confirmed_has_secret check ((secret_sealed is null) = (confirmed_at is null)),
    constraint second_factors_pending_has_time check ((pending_sealed is null) = (pending_at is null))
);
comment on table maneiro.second_factors is 'The authenticators of users (TOTP, RFC 6238). Only a sign-in sees a secret.';
comment on column maneiro.second_factors.user_id is 'The user.';
comment on column maneiro.second_factors.secret_sealed is 'The secret that the authenticator shares, sealed under the master key; null until it was confirmed.';
comment on column maneiro.second_factors.confirmed_at is 'When a code of it was first given: from then on it is asked for.';
comment on column maneiro.second_factors.last_step is 'The time step of the latest code that was accepted: an earlier or the same one is refused.';
comment on column maneiro.second_factors.pending_sealed is 'The secret of an enrolment that waits for its first code, sealed.';
comment on column maneiro.second_factors.pending_at is 'When that enrolment began.';

create table maneiro.recovery_codes (
    user_id uuid not null constraint recovery_codes_factor_fkey
        references maneiro.second_factors (user_id) on delete cascade,
    code_hash bytea not null constraint recovery_codes_hash_size check (octet_length(code_hash) = 32),
    used_at timestamptz,
    constraint recovery_codes_pkey primary key (user_id, code_hash)
);
comment on table maneiro.recovery_codes is 'Codes that are accepted once in place of one of the authenticator.';
comment on column maneiro.recovery_codes.user_id is 'The user.';
comment on column maneiro.recovery_codes.code_hash is 'SHA-256 of the user''s id and the code, which has 80 random bits and is stored nowhere.';
comment on column maneiro.recovery_codes.used_at is 'When it was used.';

alter table maneiro.second_factors enable row level security;
alter table maneiro.second_factors force row level security;
create policy second_factors_sign_in on maneiro.second_factors to maneiro_sign_in using (true) with check (true);
create policy second_factors_session_select on maneiro.second_factors for select to maneiro_session using (true);
-- Admins see whether their members have one.
create policy second_factors_tenant_select on maneiro.second_factors for select to maneiro_app
    using (exists (select from maneiro.memberships m
                   where m.user_id = second_factors.user_id and m.org_id = maneiro.current_org()));
-- Reset, and sealed anew under another master key, by commands on the server.
create policy second_factors_owner on maneiro.second_factors to maneiro_owner using (true) with check (true);

alter table maneiro.recovery_codes enable row level security;
alter table maneiro.recovery_codes force row level security;
create policy recovery_codes_sign_in on maneiro.recovery_codes to maneiro_sign_in using (true) with check (true);
-- For the cascade of a reset.
create policy recovery_codes_owner on maneiro.recovery_codes to maneiro_owner using (true) with check (true);

grant select, insert, update, delete on maneiro.second_factors to maneiro_sign_in;
grant select (user_id, confirmed_at) on maneiro.second_factors to maneiro_app, maneiro_session;
grant select, insert, update (used_at), delete on maneiro.recovery_codes to maneiro_sign_in;
