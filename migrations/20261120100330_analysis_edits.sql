-- Edits of analyses by readers: an append-only list for each analysis.

create table maneiro.analysis_edits (
    org_id uuid not null constraint analysis_edits_org_fkey references maneiro.organizations (id),
    analysis_id uuid not null,
    number integer not null constraint analysis_edits_number_positive check (number > 0),
    edit_id uuid not null,
    author_id uuid not null,
    change_sealed bytea not null,
    created_at timestamptz not null,
    constraint analysis_edits_pkey primary key (org_id, analysis_id, number),
    constraint analysis_edits_edit_key unique (org_id, analysis_id, edit_id),
    constraint analysis_edits_analysis_fkey foreign key (org_id, analysis_id) references maneiro.analyses (org_id, id)
);
comment on table maneiro.analysis_edits is 'What readers changed in an analysis. Appended to, never changed; purged with the record.';
comment on column maneiro.analysis_edits.org_id is 'The clinic.';
comment on column maneiro.analysis_edits.analysis_id is 'The analysis.';
comment on column maneiro.analysis_edits.number is 'Its place in the list of the analysis, from 1 without gaps.';
comment on column maneiro.analysis_edits.edit_id is 'Chosen by the client: the same id again is the same edit.';
comment on column maneiro.analysis_edits.author_id is 'The user who made it; may have been removed since.';
comment on column maneiro.analysis_edits.change_sealed is 'What it changes as JSON, sealed.';
comment on column maneiro.analysis_edits.created_at is 'When it was stored.';

alter table maneiro.analysis_edits enable row level security;
alter table maneiro.analysis_edits force row level security;
create policy analysis_edits_tenant on maneiro.analysis_edits to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- How far the edits of a watched job's analysis are is asked for jobs of all clinics at once.
create policy analysis_edits_system_select on maneiro.analysis_edits for select to maneiro_system using (true);
create policy analyses_system_select on maneiro.analyses for select to maneiro_system using (true);

-- No update: an edit never changes.
grant select, insert, delete on maneiro.analysis_edits to maneiro_app;
grant select (org_id, analysis_id, number) on maneiro.analysis_edits to maneiro_system;
grant select (org_id, id, job_id) on maneiro.analyses to maneiro_system;

-- Tells open event streams that a job's analysis has new edits or was signed, by the same channel as its progress.
create function maneiro.notify_edit() returns trigger language plpgsql as $$
begin
    perform pg_notify('maneiro_jobs', a.job_id::text) from maneiro.analyses a
    where a.org_id = new.org_id and a.id = new.analysis_id;
    return null;
end
$$;
comment on function maneiro.notify_edit() is 'Notifies the channel maneiro_jobs of a job whose analysis was edited or signed.';
create trigger analysis_edits_notify after insert on maneiro.analysis_edits
    for each row execute function maneiro.notify_edit();
