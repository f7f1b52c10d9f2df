-- The audit log: who did what to what, and when. Contains no patient data. The application can only append to it.

create table maneiro.audit_events (
    id uuid constraint audit_events_pkey primary key,
    org_id uuid,
    occurred_at timestamptz not null,
    actor_kind text not null constraint audit_events_actor_kind_known
        check (actor_kind in ('member', 'job', 'task', 'anonymous', 'operator')),
    actor_id uuid,
    acting_as uuid,
    action text not null,
    subject_id uuid,
    details jsonb not null default '{}',
    request_id uuid,
    session_id uuid,
    client_address text,
    hash bytea not null constraint audit_events_hash_size check (octet_length(hash) = 32),
    hash_version smallint not null
);
create index audit_events_list_idx on maneiro.audit_events (org_id, id desc);
comment on table maneiro.audit_events is 'Who did what to what, and when. Written in the transaction of its effect; never changed.';
comment on column maneiro.audit_events.id is 'UUIDv7.';
comment on column maneiro.audit_events.org_id is 'The clinic, which the event outlives; null for events of none, such as a sign-in with an unknown e-mail address.';
comment on column maneiro.audit_events.occurred_at is 'When it was done.';
comment on column maneiro.audit_events.actor_kind is 'member, job, task, anonymous or operator.';
comment on column maneiro.audit_events.actor_id is 'The user, the job or the task, which the event outlives.';
comment on column maneiro.audit_events.acting_as is 'The member whose rights an operator used in a support session.';
comment on column maneiro.audit_events.action is 'What was done, as noun and verb, such as record.created.';
comment on column maneiro.audit_events.subject_id is 'What it was done to.';
comment on column maneiro.audit_events.details is 'Counts and codes; never patient data.';
comment on column maneiro.audit_events.request_id is 'The HTTP request, by the id in the log.';
comment on column maneiro.audit_events.session_id is 'The session that was used.';
comment on column maneiro.audit_events.client_address is 'The IP address of the client.';
comment on column maneiro.audit_events.hash is 'SHA-256 of the canonical form of all other columns, as docs/AUDIT.md describes it.';
comment on column maneiro.audit_events.hash_version is 'The version of the canonical form.';

alter table maneiro.audit_events enable row level security;
alter table maneiro.audit_events force row level security;
create policy audit_events_tenant_insert on maneiro.audit_events for insert to maneiro_app
    with check (org_id = maneiro.current_org());
-- Sign-in happens before the clinic is known, and a failed one may have none; an operator has none.
create policy audit_events_operator_insert on maneiro.audit_events for insert to maneiro_operator with check (true);
create policy audit_events_sign_in_insert on maneiro.audit_events for insert to maneiro_sign_in with check (true);
-- The queue ends a job whose failure cannot be recorded within its clinic.
create policy audit_events_system_insert on maneiro.audit_events for insert to maneiro_system with check (true);

grant insert on maneiro.audit_events to maneiro_app, maneiro_sign_in, maneiro_operator, maneiro_system;
