-- Jobs, their results, and how much of the plan is used. The job row is also its place in the queue.

create table maneiro.jobs (
    id uuid constraint jobs_pkey primary key,
    org_id uuid not null constraint jobs_org_fkey references maneiro.organizations (id),
    record_id uuid not null,
    created_by uuid not null,
    idempotency_mac bytea not null constraint jobs_idempotency_mac_size check (octet_length(idempotency_mac) = 32),
    request_mac bytea not null constraint jobs_request_mac_size check (octet_length(request_mac) = 32),
    focus_sealed bytea,
    window_from date,
    window_to date,
    state text not null
        constraint jobs_state_known check (state in ('waiting', 'processing', 'complete', 'error', 'cancelled')),
    pages_done integer not null default 0,
    pages_total integer not null,
    attempt integer not null default 0 constraint jobs_attempt_not_negative check (attempt >= 0),
    run_after timestamptz not null,
    lease_id uuid,
    lease_until timestamptz,
    error_code text,
    usage_period date,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint jobs_org_id_key unique (org_id, id),
    constraint jobs_idempotency_key unique (org_id, idempotency_mac),
    constraint jobs_record_fkey foreign key (org_id, record_id) references maneiro.records (org_id, id),
    constraint jobs_created_by_fkey foreign key (org_id, created_by) references maneiro.memberships (org_id, user_id),
    constraint jobs_lease_only_while_processing
        check ((state = 'processing') = (lease_id is not null and lease_until is not null)),
    constraint jobs_finished_when_final
        check ((state in ('complete', 'error', 'cancelled')) = (finished_at is not null))
);
create index jobs_list_idx on maneiro.jobs (org_id, id desc);
create index jobs_waiting_idx on maneiro.jobs (run_after) where state = 'waiting';
create index jobs_lease_idx on maneiro.jobs (lease_until) where state = 'processing';
comment on table maneiro.jobs is 'Requests for an analysis; the row is also its place in the queue.';
comment on column maneiro.jobs.id is 'UUIDv7.';
comment on column maneiro.jobs.org_id is 'The clinic.';
comment on column maneiro.jobs.record_id is 'The record to analyse.';
comment on column maneiro.jobs.created_by is 'Who asked.';
comment on column maneiro.jobs.idempotency_mac is 'Of the client''s Idempotency-Key, under the clinic''s key: the same again is the same job.';
comment on column maneiro.jobs.request_mac is 'Of the request, under the clinic''s key, to notice an Idempotency-Key used for something else.';
comment on column maneiro.jobs.focus_sealed is 'What to look at in particular, sealed.';
comment on column maneiro.jobs.window_from is 'First day to look at.';
comment on column maneiro.jobs.window_to is 'Last day to look at.';
comment on column maneiro.jobs.state is 'waiting, processing, complete, error or cancelled.';
comment on column maneiro.jobs.pages_done is 'Pages taken into account so far.';
comment on column maneiro.jobs.pages_total is 'Pages of the record when the job was made.';
comment on column maneiro.jobs.attempt is 'How often a worker took it; counted when it is taken. Fences stale workers together with lease_id.';
comment on column maneiro.jobs.run_after is 'Not to be taken before this (database time); moves with the back-off.';
comment on column maneiro.jobs.lease_id is 'The claim that holds it.';
comment on column maneiro.jobs.lease_until is 'When the claim lapses unless it is renewed (database time).';
comment on column maneiro.jobs.error_code is 'Why it failed, last or for good.';
comment on column maneiro.jobs.usage_period is 'First day of the month whose quota this job counts against; null once given back.';
comment on column maneiro.jobs.created_at is 'When it was asked for.';
comment on column maneiro.jobs.finished_at is 'When the outcome was recorded.';

-- An open event stream and an idle worker are told at once. Only ids travel; nothing depends on it, polling decides.
create function maneiro.notify_job() returns trigger language plpgsql as $$
begin
    perform pg_notify('maneiro_jobs', new.id::text);
    if new.state = 'waiting' then
        perform pg_notify('maneiro_queue', '');
    end if;
    return null;
end
$$;
comment on function maneiro.notify_job() is
    'Tells listeners of maneiro_jobs which job changed, and those of maneiro_queue that one waits.';
create trigger jobs_notify after insert or update of state, pages_done on maneiro.jobs
    for each row execute function maneiro.notify_job();

create table maneiro.analyses (
    id uuid constraint analyses_pkey primary key,
    org_id uuid not null constraint analyses_org_fkey references maneiro.organizations (id),
    job_id uuid not null,
    record_id uuid not null,
    made_by text not null,
    body_sealed bytea not null,
    created_at timestamptz not null,
    constraint analyses_org_id_key unique (org_id, id),
    constraint analyses_job_key unique (org_id, job_id),
    constraint analyses_job_fkey foreign key (org_id, job_id) references maneiro.jobs (org_id, id),
    constraint analyses_record_fkey foreign key (org_id, record_id) references maneiro.records (org_id, id)
);
comment on table maneiro.analyses is 'Results of jobs, one each.';
comment on column maneiro.analyses.id is 'UUIDv7.';
comment on column maneiro.analyses.org_id is 'The clinic.';
comment on column maneiro.analyses.job_id is 'The job that made it.';
comment on column maneiro.analyses.record_id is 'The record it is about.';
comment on column maneiro.analyses.made_by is '«extractive», or the language model''s name.';
comment on column maneiro.analyses.body_sealed is 'The analysis as JSON, sealed.';
comment on column maneiro.analyses.created_at is 'When it was finished.';

create table maneiro.usage (
    org_id uuid not null constraint usage_org_fkey references maneiro.organizations (id),
    period date not null constraint usage_period_is_month check (extract(day from period) = 1),
    analyses integer not null constraint usage_analyses_not_negative check (analyses >= 0),
    constraint usage_pkey primary key (org_id, period)
);
comment on table maneiro.usage is 'How much of the plan a clinic used, by calendar month (UTC).';
comment on column maneiro.usage.org_id is 'The clinic.';
comment on column maneiro.usage.period is 'First day of the month.';
comment on column maneiro.usage.analyses is 'Jobs counted; a job that ends in error is given back.';

alter table maneiro.jobs enable row level security;
alter table maneiro.jobs force row level security;
create policy jobs_own on maneiro.jobs to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- A worker claims before it knows the clinic.
create policy jobs_system on maneiro.jobs to maneiro_system using (true) with check (true);

alter table maneiro.analyses enable row level security;
alter table maneiro.analyses force row level security;
create policy analyses_own on maneiro.analyses to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

alter table maneiro.usage enable row level security;
alter table maneiro.usage force row level security;
create policy usage_own on maneiro.usage to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

grant select, insert, update on maneiro.jobs to maneiro_app;
grant select, insert on maneiro.analyses to maneiro_app;
grant select, insert, update (analyses) on maneiro.usage to maneiro_app;
grant select on maneiro.jobs to maneiro_system;
grant update (state, pages_done, attempt, run_after, lease_id, lease_until) on maneiro.jobs to maneiro_system;
