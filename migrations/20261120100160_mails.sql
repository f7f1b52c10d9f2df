-- Mails to users, and the codes by which they prove that they read them.

create table maneiro.mails (
    id uuid constraint mails_pkey primary key,
    user_id uuid constraint mails_user_fkey references maneiro.users (id) on delete cascade,
    recipient text not null constraint mails_recipient_length check (char_length(recipient) between 3 and 254),
    language text not null constraint mails_language_known check (language in ('en', 'es')),
    kind text not null constraint mails_kind_length check (char_length(kind) between 1 and 50),
    notice jsonb not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    refused_at timestamptz,
    refusal text constraint mails_refusal_length check (char_length(refusal) <= 200),
    constraint mails_refused_for_a_reason check ((refused_at is null) = (refusal is null))
);
create index mails_user_idx on maneiro.mails (user_id, created_at);
create index mails_created_idx on maneiro.mails (created_at);
comment on table maneiro.mails is 'Mails to users, waiting, sent or refused; deleted after thirty days. What is secret in a mail is not stored: it is computed from the id when the mail is sent.';
comment on column maneiro.mails.id is 'UUIDv7; of a code, that of the request that it belongs to.';
comment on column maneiro.mails.user_id is 'Whom it is for; null if the address had no account.';
comment on column maneiro.mails.recipient is 'The address that it is sent to.';
comment on column maneiro.mails.language is 'en or es.';
comment on column maneiro.mails.kind is 'What it is about, such as new_sign_in.';
comment on column maneiro.mails.notice is 'What it says. Holds no code and no patient data.';
comment on column maneiro.mails.created_at is 'When its cause was.';
comment on column maneiro.mails.sent_at is 'When the mail server took it.';
comment on column maneiro.mails.refused_at is 'When the mail server refused it for good.';
comment on column maneiro.mails.refusal is 'What the mail server answered, without its words.';

create table maneiro.password_resets (
    id uuid constraint password_resets_pkey primary key,
    email text not null constraint password_resets_email_length check (char_length(email) between 3 and 254),
    user_id uuid constraint password_resets_user_fkey references maneiro.users (id) on delete cascade,
    code_hash bytea not null constraint password_resets_code_hash_size check (octet_length(code_hash) = 32),
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    constraint password_resets_code_hash_key unique (code_hash)
);
create index password_resets_email_idx on maneiro.password_resets (lower(email), requested_at);
create index password_resets_user_idx on maneiro.password_resets (user_id);
create index password_resets_expires_idx on maneiro.password_resets (expires_at);
comment on table maneiro.password_resets is 'Requests to set another password, which wait for their mailed code. A request does not replace an earlier one, so that nobody can make another''s code useless.';
comment on column maneiro.password_resets.id is 'UUIDv7; the mail''s too.';
comment on column maneiro.password_resets.email is 'The address as it was typed.';
comment on column maneiro.password_resets.user_id is 'Whose password it is; null if the address has no account.';
comment on column maneiro.password_resets.code_hash is 'SHA-256 of the code, which has 100 bits and is stored nowhere.';
comment on column maneiro.password_resets.requested_at is 'When it was requested.';
comment on column maneiro.password_resets.expires_at is 'When the code expires.';

create table maneiro.email_changes (
    id uuid constraint email_changes_pkey primary key,
    user_id uuid not null constraint email_changes_user_fkey references maneiro.users (id) on delete cascade,
    new_email text not null constraint email_changes_new_email_length check (char_length(new_email) between 3 and 254),
    code_hash bytea not null constraint email_changes_code_hash_size check (octet_length(code_hash) = 32),
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    constraint email_changes_user_key unique (user_id),
    constraint email_changes_code_hash_key unique (code_hash)
);
create index email_changes_expires_idx on maneiro.email_changes (expires_at);
comment on table maneiro.email_changes is 'Changes of e-mail addresses that wait for the code that was mailed to the new one.';
comment on column maneiro.email_changes.id is 'UUIDv7; the mail''s too.';
comment on column maneiro.email_changes.user_id is 'Whose address it is.';
comment on column maneiro.email_changes.new_email is 'The address from then on.';
comment on column maneiro.email_changes.code_hash is 'SHA-256 of the code, which has 100 bits and is stored nowhere.';
comment on column maneiro.email_changes.requested_at is 'When it was requested.';
comment on column maneiro.email_changes.expires_at is 'When the code expires.';

alter table maneiro.mails enable row level security;
alter table maneiro.mails force row level security;
create policy mails_sign_in on maneiro.mails to maneiro_sign_in using (true) with check (true);
alter table maneiro.password_resets enable row level security;
alter table maneiro.password_resets force row level security;
create policy password_resets_sign_in on maneiro.password_resets to maneiro_sign_in using (true) with check (true);
alter table maneiro.email_changes enable row level security;
alter table maneiro.email_changes force row level security;
create policy email_changes_sign_in on maneiro.email_changes to maneiro_sign_in using (true) with check (true);

grant select, insert, update (sent_at, refused_at, refusal), delete on maneiro.mails to maneiro_sign_in;
grant select, insert, delete on maneiro.password_resets to maneiro_sign_in;
grant select, insert, update, delete on maneiro.email_changes to maneiro_sign_in;

create table maneiro.sign_in_codes (
    code_hash bytea constraint sign_in_codes_pkey primary key
        constraint sign_in_codes_code_hash_size check (octet_length(code_hash) = 32),
    org_id uuid not null,
    user_id uuid not null,
    level text not null constraint sign_in_codes_level_known check (level in ('password', 'second_factor')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint sign_in_codes_membership_fkey foreign key (org_id, user_id)
        references maneiro.memberships (org_id, user_id) on delete cascade
);
create index sign_in_codes_user_idx on maneiro.sign_in_codes (user_id);
create index sign_in_codes_expires_idx on maneiro.sign_in_codes (expires_at);
comment on table maneiro.sign_in_codes is 'Codes that a web page shows after a proof of identity, and with which the app signs in once, within minutes.';
comment on column maneiro.sign_in_codes.code_hash is 'SHA-256 of the code, which has 60 bits and is stored nowhere.';
comment on column maneiro.sign_in_codes.org_id is 'The clinic to sign in to.';
comment on column maneiro.sign_in_codes.user_id is 'The user.';
comment on column maneiro.sign_in_codes.level is 'How the user proved their identity: password or second_factor.';
comment on column maneiro.sign_in_codes.created_at is 'When it was shown.';
comment on column maneiro.sign_in_codes.expires_at is 'When it expires.';

alter table maneiro.sign_in_codes enable row level security;
alter table maneiro.sign_in_codes force row level security;
-- No grant: the service reads it before the clinic is known only.
create policy sign_in_codes_tenant on maneiro.sign_in_codes to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
create policy sign_in_codes_sign_in on maneiro.sign_in_codes to maneiro_sign_in using (true) with check (true);
grant select, insert, delete on maneiro.sign_in_codes to maneiro_sign_in;
