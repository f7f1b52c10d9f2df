-- Sessions, and what ends them.

create table maneiro.sessions (
    id uuid constraint sessions_pkey primary key,
    org_id uuid,
    user_id uuid not null constraint sessions_user_fkey references maneiro.users (id) on delete cascade,
    operator_id uuid constraint sessions_operator_fkey references maneiro.users (id) on delete cascade,
    support_reason text constraint sessions_support_reason_length check (char_length(support_reason) between 1 and 500),
    token_hash bytea not null constraint sessions_token_hash_size check (octet_length(token_hash) = 32),
    level text not null constraint sessions_level_known check (level in ('password', 'second_factor')),
    client_address text constraint sessions_client_address_length check (char_length(client_address) <= 45),
    device text constraint sessions_device_length check (char_length(device) <= 200),
    created_at timestamptz not null,
    password_given_at timestamptz,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    constraint sessions_token_hash_key unique (token_hash),
    constraint sessions_org_id_key unique (org_id, id),
    -- An operator's own session belongs to no clinic, and then to no membership.
    constraint sessions_membership_fkey foreign key (org_id, user_id)
        references maneiro.memberships (org_id, user_id) on delete cascade,
    constraint sessions_support_has_reason check ((operator_id is null) = (support_reason is null)),
    constraint sessions_support_has_clinic check (operator_id is null or org_id is not null)
);
create index sessions_user_idx on maneiro.sessions (user_id);
create index sessions_operator_idx on maneiro.sessions (operator_id) where operator_id is not null;
comment on table maneiro.sessions is 'One sign-in of one user in one clinic, of an operator, or of an operator as a member.';
comment on column maneiro.sessions.id is 'UUIDv7.';
comment on column maneiro.sessions.org_id is 'The clinic that the session acts in; null for an operator''s own.';
comment on column maneiro.sessions.user_id is 'The user whose rights the session has.';
comment on column maneiro.sessions.operator_id is 'The operator who acts as the user, in a support session.';
comment on column maneiro.sessions.support_reason is 'Why the operator does; holds no patient data.';
comment on column maneiro.sessions.token_hash is 'SHA-256 of the token; the token itself is stored nowhere.';
comment on column maneiro.sessions.level is 'How the user proved their identity: password or second_factor.';
comment on column maneiro.sessions.client_address is 'The IP address that signed in.';
comment on column maneiro.sessions.device is 'What the client said of itself (User-Agent).';
comment on column maneiro.sessions.created_at is 'When the user signed in.';
comment on column maneiro.sessions.password_given_at is 'When the session was last given the user''s password; null for one that began in place of another.';
comment on column maneiro.sessions.last_used_at is 'When the token was last used, up to ten seconds earlier than it was.';
comment on column maneiro.sessions.expires_at is 'When the session ends at the latest.';
comment on column maneiro.sessions.ended_at is 'When it was ended: by its user, an admin, or what ended the right to it.';

alter table maneiro.sessions enable row level security;
alter table maneiro.sessions force row level security;
create policy sessions_tenant on maneiro.sessions to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
create policy sessions_sign_in on maneiro.sessions to maneiro_sign_in using (true) with check (true);
create policy sessions_session on maneiro.sessions to maneiro_session using (true) with check (true);
-- For maneiro.end_sessions(), which runs as the owner.
create policy sessions_owner on maneiro.sessions to maneiro_owner using (true) with check (true);

grant select (id, org_id, user_id, operator_id, support_reason, level, client_address, device, created_at, last_used_at,
              password_given_at, expires_at, ended_at), update (ended_at, password_given_at) on maneiro.sessions to maneiro_app;
grant select (id, org_id, user_id, operator_id, level, client_address, device, created_at, last_used_at, password_given_at,
              expires_at, ended_at),
    insert, update (ended_at) on maneiro.sessions to maneiro_sign_in;
grant select, update (last_used_at) on maneiro.sessions to maneiro_session;

-- Whoever ends a membership, disables a user or deletes a clinic ends its sessions, even if the right comes back later.
create function maneiro.end_sessions() returns trigger language plpgsql security definer set search_path = '' as $$
begin
    if tg_table_name = 'memberships' then
        update maneiro.sessions set ended_at = new.ended_at
        where ended_at is null and org_id = new.org_id and user_id = new.user_id;
    elsif tg_table_name = 'users' then
        update maneiro.sessions set ended_at = new.disabled_at
        where ended_at is null and (user_id = new.id or operator_id = new.id);
    else
        update maneiro.sessions set ended_at = new.deleted_at where ended_at is null and org_id = new.id;
    end if;
    return null;
end
$$;
comment on function maneiro.end_sessions() is 'Ends the sessions of an ended membership, a disabled user or a deleted clinic.';
create trigger memberships_end_sessions after update of ended_at on maneiro.memberships
    for each row when (new.ended_at is not null) execute function maneiro.end_sessions();
create trigger users_end_sessions after update of disabled_at on maneiro.users
    for each row when (new.disabled_at is not null) execute function maneiro.end_sessions();
create trigger organizations_end_sessions after update of deleted_at on maneiro.organizations
    for each row when (new.deleted_at is not null) execute function maneiro.end_sessions();

-- Notifies every process that serves that what a session may do has changed. A hint: open streams also poll.
create function maneiro.notify_access() returns trigger language plpgsql as $$
begin
    perform pg_notify('maneiro_access', to_jsonb(new) ->> tg_argv[0]);
    return null;
end
$$;
comment on function maneiro.notify_access() is
    'Notifies the channel maneiro_access of the session, user or clinic in the column that the trigger names.';
create trigger sessions_notify after update of ended_at, level on maneiro.sessions
    for each row execute function maneiro.notify_access('id');
create trigger memberships_notify after update of role, ended_at on maneiro.memberships
    for each row execute function maneiro.notify_access('user_id');
create trigger users_notify after update of disabled_at, is_operator on maneiro.users
    for each row execute function maneiro.notify_access('id');
create trigger organizations_notify after update of deleted_at on maneiro.organizations
    for each row execute function maneiro.notify_access('id');
create trigger org_policies_notify after update on maneiro.org_policies
    for each row execute function maneiro.notify_access('org_id');
