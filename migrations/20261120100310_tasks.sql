-- Tasks: durable work for a worker, enqueued in the transaction that causes it. All times are the database's, so that the
-- clocks of workers do not matter.

create table maneiro.tasks (
    id uuid constraint tasks_pkey primary key,
    org_id uuid constraint tasks_org_fkey references maneiro.organizations (id),
    lane uuid not null generated always as (coalesce(org_id, '00000000-0000-0000-0000-000000000000')) stored,
    kind text not null,
    subject_id uuid,
    payload_sealed bytea,
    priority smallint not null,
    dedupe_key text constraint tasks_dedupe_key_length check (char_length(dedupe_key) between 1 and 200),
    state text not null constraint tasks_state_known check (state in ('waiting', 'running', 'done', 'dead')),
    run_after timestamptz not null,
    attempt integer not null default 0 constraint tasks_attempt_not_negative check (attempt >= 0),
    lease_id uuid,
    lease_expires_at timestamptz,
    error_code text,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint tasks_dedupe_key unique (lane, dedupe_key),
    constraint tasks_lease_only_while_running
        check ((state = 'running') = (lease_id is not null and lease_expires_at is not null)),
    constraint tasks_finished_when_final check ((state in ('done', 'dead')) = (finished_at is not null))
);
create index tasks_waiting_idx on maneiro.tasks (lane, priority desc, run_after) where state = 'waiting';
create index tasks_running_idx on maneiro.tasks (lane, lease_expires_at) where state = 'running';
create index tasks_finished_idx on maneiro.tasks (state, finished_at) where state in ('done', 'dead');
create index tasks_subject_idx on maneiro.tasks (org_id, subject_id);
comment on table maneiro.tasks is 'Work for a worker: waiting, running, done, or dead after its last attempt.';
comment on column maneiro.tasks.id is 'UUIDv7.';
comment on column maneiro.tasks.org_id is 'The clinic; null for work of the service itself.';
comment on column maneiro.tasks.lane is 'What claims are fair between: the clinic, or all zeros for the service itself.';
comment on column maneiro.tasks.kind is 'What is to be done. A worker leaves kinds that it does not know to a newer one.';
comment on column maneiro.tasks.subject_id is 'What it is to be done to, such as a job or a record.';
comment on column maneiro.tasks.payload_sealed is 'What its subject does not say, sealed; removed once the task is done.';
comment on column maneiro.tasks.priority is 'Higher ones are claimed first.';
comment on column maneiro.tasks.dedupe_key is 'Names the cause: a second task with the same key is not stored as long as the first one is there, done or not. Ids and codes only.';
comment on column maneiro.tasks.state is 'waiting, running, done or dead.';
comment on column maneiro.tasks.run_after is 'Not claimed before this.';
comment on column maneiro.tasks.attempt is 'Attempts, counted when it is claimed. Fences stale workers together with lease_id.';
comment on column maneiro.tasks.lease_id is 'The lease of the worker that claimed it.';
comment on column maneiro.tasks.lease_expires_at is 'When the lease expires unless it is renewed.';
comment on column maneiro.tasks.error_code is 'Why the last attempt failed.';
comment on column maneiro.tasks.created_at is 'When it was enqueued.';
comment on column maneiro.tasks.finished_at is 'When it was done, or failed for good.';

create table maneiro.task_lanes (
    lane uuid constraint task_lanes_pkey primary key,
    served_at timestamptz not null
);
comment on table maneiro.task_lanes is 'When each clinic''s tasks were last claimed, so that the clinic that waited longest is next.';
comment on column maneiro.task_lanes.lane is 'The clinic, or all zeros for the service itself.';
comment on column maneiro.task_lanes.served_at is 'When a task of it was last claimed.';

-- Wakes idle workers. A hint: workers also poll.
create function maneiro.notify_task() returns trigger language plpgsql as $$
begin
    if new.run_after <= now() then
        perform pg_notify('maneiro_queue', '');
    end if;
    return null;
end
$$;
comment on function maneiro.notify_task() is 'Notifies the channel maneiro_queue of a task that is due.';
create trigger tasks_notify_insert after insert on maneiro.tasks
    for each row execute function maneiro.notify_task();
create trigger tasks_notify_update after update of state, run_after on maneiro.tasks
    for each row when (new.state = 'waiting') execute function maneiro.notify_task();

alter table maneiro.tasks enable row level security;
alter table maneiro.tasks force row level security;
create policy tasks_tenant on maneiro.tasks to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- A worker claims tasks before it knows the clinic.
create policy tasks_system on maneiro.tasks to maneiro_system using (true) with check (true);
-- What a registration causes, such as a mail, is work of the service itself.
create policy tasks_sign_in_insert on maneiro.tasks for insert to maneiro_sign_in with check (true);
create policy tasks_sign_in_select on maneiro.tasks for select to maneiro_sign_in using (true);

alter table maneiro.task_lanes enable row level security;
alter table maneiro.task_lanes force row level security;
create policy task_lanes_system on maneiro.task_lanes to maneiro_system using (true) with check (true);

grant select, insert, update, delete on maneiro.tasks to maneiro_app;
grant select, insert, update, delete on maneiro.tasks to maneiro_system;
grant select, insert, update on maneiro.task_lanes to maneiro_system;
-- It sees what tells whether the same cause has a task.
grant insert, select (lane, dedupe_key) on maneiro.tasks to maneiro_sign_in;
