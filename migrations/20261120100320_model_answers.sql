-- Answers of the language model, kept until the analysis of their job is recorded.

create table maneiro.model_answers (
    org_id uuid not null constraint model_answers_org_fkey references maneiro.organizations (id),
    job_id uuid not null,
    request_mac bytea not null constraint model_answers_request_mac_length check (octet_length(request_mac) = 32),
    answer_sealed bytea not null,
    created_at timestamptz not null default now(),
    constraint model_answers_pkey primary key (org_id, job_id, request_mac),
    constraint model_answers_job_fkey foreign key (org_id, job_id) references maneiro.jobs (org_id, id) on delete cascade
);
comment on table maneiro.model_answers is 'What the language model answered to an unfinished job, so that another worker does not ask again.';
comment on column maneiro.model_answers.org_id is 'The clinic.';
comment on column maneiro.model_answers.job_id is 'The job that asked.';
comment on column maneiro.model_answers.request_mac is 'Tells the request apart: a MAC of it under the clinic''s key.';
comment on column maneiro.model_answers.answer_sealed is 'The answer, sealed.';
comment on column maneiro.model_answers.created_at is 'When it was stored.';

alter table maneiro.model_answers enable row level security;
alter table maneiro.model_answers force row level security;
create policy model_answers_tenant on maneiro.model_answers to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
grant select, insert, delete on maneiro.model_answers to maneiro_app;
