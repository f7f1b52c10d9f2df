-- What clinics and signers put on reports, and the reports that were signed.

create table maneiro.letterheads (
    org_id uuid constraint letterheads_pkey primary key
        constraint letterheads_org_fkey references maneiro.organizations (id),
    content_sealed bytea not null,
    changed_at timestamptz not null
);
comment on table maneiro.letterheads is 'The head of a clinic''s reports. Without a row there is the clinic''s name alone.';
comment on column maneiro.letterheads.org_id is 'The clinic.';
comment on column maneiro.letterheads.content_sealed is 'Lines and picture as JSON, sealed.';
comment on column maneiro.letterheads.changed_at is 'When it was last changed.';

create table maneiro.signature_blocks (
    org_id uuid not null,
    user_id uuid not null,
    content_sealed bytea not null,
    changed_at timestamptz not null,
    constraint signature_blocks_pkey primary key (org_id, user_id),
    constraint signature_blocks_membership_fkey foreign key (org_id, user_id)
        references maneiro.memberships (org_id, user_id) on delete cascade
);
comment on table maneiro.signature_blocks is 'What stands below a member''s signature on reports of a clinic.';
comment on column maneiro.signature_blocks.org_id is 'The clinic.';
comment on column maneiro.signature_blocks.user_id is 'The member.';
comment on column maneiro.signature_blocks.content_sealed is 'Name, credentials and picture as JSON, sealed.';
comment on column maneiro.signature_blocks.changed_at is 'When it was last changed.';

create table maneiro.signed_reports (
    org_id uuid not null constraint signed_reports_org_fkey references maneiro.organizations (id),
    record_id uuid not null,
    version integer not null constraint signed_reports_version_positive check (version > 0),
    analysis_id uuid not null,
    revision integer not null constraint signed_reports_revision_not_negative check (revision >= 0),
    form text not null constraint signed_reports_form_known check (form in ('short_letter', 'full_review')),
    signer_id uuid not null,
    signed_at timestamptz not null,
    sha256 bytea not null constraint signed_reports_sha256_size check (octet_length(sha256) = 32),
    content_sealed bytea not null,
    constraint signed_reports_pkey primary key (org_id, record_id, version),
    constraint signed_reports_record_fkey foreign key (org_id, record_id) references maneiro.records (org_id, id),
    constraint signed_reports_analysis_fkey foreign key (org_id, analysis_id) references maneiro.analyses (org_id, id)
);
create index signed_reports_analysis_idx on maneiro.signed_reports (org_id, analysis_id);
comment on table maneiro.signed_reports is 'Reports as they were signed. Appended to, never changed; purged with the record.';
comment on column maneiro.signed_reports.org_id is 'The clinic.';
comment on column maneiro.signed_reports.record_id is 'The record.';
comment on column maneiro.signed_reports.version is 'Counts the signed reports of the record, from 1 without gaps.';
comment on column maneiro.signed_reports.analysis_id is 'The analysis.';
comment on column maneiro.signed_reports.revision is 'The number of the last edit of the analysis that is part of the report; 0 without edits.';
comment on column maneiro.signed_reports.form is 'short_letter or full_review.';
comment on column maneiro.signed_reports.signer_id is 'The user who signed it; may have been removed since.';
comment on column maneiro.signed_reports.signed_at is 'When it was signed.';
comment on column maneiro.signed_reports.sha256 is 'SHA-256 of the content before it was sealed.';
comment on column maneiro.signed_reports.content_sealed is 'Title, letterhead, signature block and analysis as JSON, sealed.';

alter table maneiro.letterheads enable row level security;
alter table maneiro.letterheads force row level security;
create policy letterheads_tenant on maneiro.letterheads to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

alter table maneiro.signature_blocks enable row level security;
alter table maneiro.signature_blocks force row level security;
create policy signature_blocks_tenant on maneiro.signature_blocks to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

alter table maneiro.signed_reports enable row level security;
alter table maneiro.signed_reports force row level security;
create policy signed_reports_tenant on maneiro.signed_reports to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- Whether the analysis of a watched job was signed is asked for jobs of all clinics at once.
create policy signed_reports_system_select on maneiro.signed_reports for select to maneiro_system using (true);

grant select, insert, update (content_sealed, changed_at) on maneiro.letterheads to maneiro_app;
grant select, insert, update (content_sealed, changed_at) on maneiro.signature_blocks to maneiro_app;
-- No update: what was signed never changes.
grant select, insert, delete on maneiro.signed_reports to maneiro_app;
grant select (org_id, analysis_id, version) on maneiro.signed_reports to maneiro_system;
-- The clinic's name stands on its letterhead.
grant update (name) on maneiro.organizations to maneiro_app;

-- As for edits: open event streams of the analysis's job hear of a signature.
create trigger signed_reports_notify after insert on maneiro.signed_reports
    for each row execute function maneiro.notify_edit();
