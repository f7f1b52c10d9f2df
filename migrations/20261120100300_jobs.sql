-- Jobs, their results, and the usage of plans. The work itself is a task (see tasks.sql).

create table maneiro.jobs (
    id uuid constraint jobs_pkey primary key,
    org_id uuid not null constraint jobs_org_fkey references maneiro.organizations (id),
    record_id uuid not null,
    created_by_kind text not null constraint jobs_created_by_kind_known check (created_by_kind in ('member', 'operator')),
    created_by_id uuid not null,
    idempotency_mac bytea not null constraint jobs_idempotency_mac_size check (octet_length(idempotency_mac) = 32),
    request_mac bytea not null constraint jobs_request_mac_size check (octet_length(request_mac) = 32),
    request_sealed bytea not null,
    state text not null
        constraint jobs_state_known check (state in ('waiting', 'processing', 'complete', 'error', 'cancelled')),
    pages_done integer not null default 0,
    pages_total integer not null,
    attempt integer not null default 0 constraint jobs_attempt_not_negative check (attempt >= 0),
    error_code text,
    quota_period timestamptz,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint jobs_org_id_key unique (org_id, id),
    constraint jobs_idempotency_key unique (org_id, idempotency_mac),
    constraint jobs_record_fkey foreign key (org_id, record_id) references maneiro.records (org_id, id),
    constraint jobs_finished_when_final
        check ((state in ('complete', 'error', 'cancelled')) = (finished_at is not null))
);
create index jobs_list_idx on maneiro.jobs (org_id, id desc);
create index jobs_record_idx on maneiro.jobs (org_id, record_id);
comment on table maneiro.jobs is 'Requests for an analysis, as the clinic sees them.';
comment on column maneiro.jobs.id is 'UUIDv7.';
comment on column maneiro.jobs.org_id is 'The clinic.';
comment on column maneiro.jobs.record_id is 'The record to analyse.';
comment on column maneiro.jobs.created_by_kind is 'Who created it: member or operator.';
comment on column maneiro.jobs.created_by_id is 'The user who created it; may have been removed since.';
comment on column maneiro.jobs.idempotency_mac is 'Message authentication code of the client''s Idempotency-Key, under the clinic''s key: the same key again is the same job.';
comment on column maneiro.jobs.request_mac is 'Message authentication code of the request, under the clinic''s key, to detect an Idempotency-Key that is used with a different request.';
comment on column maneiro.jobs.request_sealed is 'What to look at in particular and on which days, sealed.';
comment on column maneiro.jobs.state is 'waiting, processing, complete, error or cancelled.';
comment on column maneiro.jobs.pages_done is 'Pages analysed so far.';
comment on column maneiro.jobs.pages_total is 'Pages of the record when the job was created.';
comment on column maneiro.jobs.attempt is 'Attempts since the job was created or last retried.';
comment on column maneiro.jobs.error_code is 'Why the last attempt failed.';
comment on column maneiro.jobs.quota_period is 'Start of the period whose quota this job counts against; null once it was refunded.';
comment on column maneiro.jobs.created_at is 'When it was created.';
comment on column maneiro.jobs.finished_at is 'When the outcome was recorded.';

-- Notifies open event streams. Only the id is sent, and only when something changed that they show: a notification takes a
-- lock of the whole database at commit. A hint: listeners also poll.
create function maneiro.notify_job() returns trigger language plpgsql as $$
begin
    perform pg_notify('maneiro_jobs', new.id::text);
    return null;
end
$$;
comment on function maneiro.notify_job() is 'Notifies the channel maneiro_jobs of a changed job.';
create trigger jobs_notify after update of state, pages_done, attempt on maneiro.jobs
    for each row
    when ((old.state, old.pages_done, old.attempt) is distinct from (new.state, new.pages_done, new.attempt))
    execute function maneiro.notify_job();

create table maneiro.job_documents (
    org_id uuid not null constraint job_documents_org_fkey references maneiro.organizations (id),
    job_id uuid not null,
    document_id uuid not null,
    revision integer not null,
    constraint job_documents_pkey primary key (org_id, job_id, document_id),
    constraint job_documents_job_fkey foreign key (org_id, job_id) references maneiro.jobs (org_id, id),
    constraint job_documents_document_fkey foreign key (org_id, document_id) references maneiro.documents (org_id, id)
);
create index job_documents_document_idx on maneiro.job_documents (org_id, document_id, revision);
comment on table maneiro.job_documents is 'Exactly what a job reads: the documents of its record when it was created, and their pages as of a revision.';
comment on column maneiro.job_documents.org_id is 'The clinic.';
comment on column maneiro.job_documents.job_id is 'The job.';
comment on column maneiro.job_documents.document_id is 'The document.';
comment on column maneiro.job_documents.revision is 'Its pages are those that were stored in this revision or before, and superseded in none up to it.';

create table maneiro.analyses (
    id uuid constraint analyses_pkey primary key,
    org_id uuid not null constraint analyses_org_fkey references maneiro.organizations (id),
    job_id uuid not null,
    record_id uuid not null,
    generator text not null,
    body_sealed bytea not null,
    created_at timestamptz not null,
    constraint analyses_org_id_key unique (org_id, id),
    constraint analyses_job_key unique (org_id, job_id),
    constraint analyses_job_fkey foreign key (org_id, job_id) references maneiro.jobs (org_id, id),
    constraint analyses_record_fkey foreign key (org_id, record_id) references maneiro.records (org_id, id)
);
create index analyses_record_idx on maneiro.analyses (org_id, record_id);
comment on table maneiro.analyses is 'Results of jobs, one each.';
comment on column maneiro.analyses.id is 'UUIDv7.';
comment on column maneiro.analyses.org_id is 'The clinic.';
comment on column maneiro.analyses.job_id is 'The job that made it.';
comment on column maneiro.analyses.record_id is 'The record it is about.';
comment on column maneiro.analyses.generator is 'extractive, or the name of the language model.';
comment on column maneiro.analyses.body_sealed is 'The analysis as JSON, sealed.';
comment on column maneiro.analyses.created_at is 'When it was finished.';

create table maneiro.usage (
    org_id uuid not null constraint usage_org_fkey references maneiro.organizations (id),
    period_start timestamptz not null,
    analyses integer not null constraint usage_analyses_not_negative check (analyses >= 0),
    constraint usage_pkey primary key (org_id, period_start)
);
comment on table maneiro.usage is 'How much of its plan a clinic used, by quota period: a trial, the month between two bills, or a calendar month (UTC).';
comment on column maneiro.usage.org_id is 'The clinic.';
comment on column maneiro.usage.period_start is 'When the period began.';
comment on column maneiro.usage.analyses is 'Jobs counted; a job that ends in error is refunded.';

alter table maneiro.jobs enable row level security;
alter table maneiro.jobs force row level security;
create policy jobs_tenant on maneiro.jobs to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- The state of a job follows its task, which a worker claims before it knows the clinic.
create policy jobs_system on maneiro.jobs to maneiro_system using (true) with check (true);

alter table maneiro.job_documents enable row level security;
alter table maneiro.job_documents force row level security;
create policy job_documents_tenant on maneiro.job_documents to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- Superseded pages that no job reads are found without their clinic.
create policy job_documents_system_select on maneiro.job_documents for select to maneiro_system using (true);

alter table maneiro.analyses enable row level security;
alter table maneiro.analyses force row level security;
create policy analyses_tenant on maneiro.analyses to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

alter table maneiro.usage enable row level security;
alter table maneiro.usage force row level security;
create policy usage_tenant on maneiro.usage to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

grant select, insert, update, delete on maneiro.jobs to maneiro_app;
grant select, insert, delete on maneiro.job_documents to maneiro_app;
grant select (org_id, document_id, revision) on maneiro.job_documents to maneiro_system;
grant select, insert, delete on maneiro.analyses to maneiro_app;
grant select, insert, update (analyses) on maneiro.usage to maneiro_app;
grant select (id, org_id, state, pages_done, attempt, error_code) on maneiro.jobs to maneiro_system;
grant update (state, pages_done, attempt, error_code, finished_at) on maneiro.jobs to maneiro_system;
