-- Patients' records, their documents and pages. Content is sealed under the clinic's key (see shared/api/src/seal/mod.rs).

create table maneiro.records (
    id uuid constraint records_pkey primary key,
    org_id uuid not null constraint records_org_fkey references maneiro.organizations (id),
    title_sealed bytea,
    fields_sealed bytea,
    revision integer not null default 1 constraint records_revision_positive check (revision > 0),
    created_by_kind text not null constraint records_created_by_kind_known check (created_by_kind in ('member', 'operator')),
    created_by_id uuid not null,
    owner_id uuid not null,
    created_at timestamptz not null,
    active_at timestamptz not null,
    deleted_at timestamptz,
    purged_at timestamptz,
    constraint records_org_id_key unique (org_id, id),
    constraint records_title_until_purged check ((title_sealed is null) = (purged_at is not null)),
    constraint records_fields_until_purged check (fields_sealed is null or purged_at is null),
    constraint records_purged_after_deletion check (purged_at is null or deleted_at is not null)
);
create index records_list_idx on maneiro.records (org_id, id desc) where deleted_at is null;
create index records_active_idx on maneiro.records (org_id, active_at) where deleted_at is null;
create index records_unpurged_idx on maneiro.records (deleted_at) where deleted_at is not null and purged_at is null;
comment on table maneiro.records is 'A patient''s record: the documents that are analysed together. A purged one stays as a tombstone without content.';
comment on column maneiro.records.id is 'UUIDv7.';
comment on column maneiro.records.org_id is 'The clinic.';
comment on column maneiro.records.title_sealed is 'The title that the clinic gave the record, sealed; null once it was purged.';
comment on column maneiro.records.fields_sealed is 'What the clinic noted of the patient and the case, as JSON, sealed; null if nothing.';
comment on column maneiro.records.revision is 'Counts the changes of title and fields: a change names the one that it was made of.';
comment on column maneiro.records.created_by_kind is 'Who created it: member or operator.';
comment on column maneiro.records.created_by_id is 'The user who created it; may have been removed since.';
comment on column maneiro.records.owner_id is 'The user whose record it is: who created it, or whom it was handed over to. May have been removed since.';
comment on column maneiro.records.created_at is 'When it was created.';
comment on column maneiro.records.active_at is 'When it was created, or a document or a job was last added; the retention counts from then.';
comment on column maneiro.records.deleted_at is 'When a user deleted it, or its retention ended; from then on it is not found.';
comment on column maneiro.records.purged_at is 'When all of its content was purged.';

create table maneiro.documents (
    id uuid constraint documents_pkey primary key,
    org_id uuid not null constraint documents_org_fkey references maneiro.organizations (id),
    record_id uuid not null,
    name_sealed bytea not null,
    media_type text not null constraint documents_media_type_known
        check (media_type in ('application/pdf', 'image/png', 'image/jpeg', 'image/tiff')),
    sha256_mac bytea not null constraint documents_sha256_mac_size check (octet_length(sha256_mac) = 32),
    bytes bigint not null constraint documents_bytes_positive check (bytes > 0),
    pages integer not null constraint documents_pages_range check (pages between 1 and 10000),
    stored_pages integer not null default 0,
    revision integer not null default 0,
    original_version uuid,
    created_at timestamptz not null,
    constraint documents_org_id_key unique (org_id, id),
    constraint documents_original_fkey foreign key (org_id, original_version) references maneiro.objects (org_id, id),
    constraint documents_file_key unique (org_id, record_id, sha256_mac),
    constraint documents_record_fkey foreign key (org_id, record_id) references maneiro.records (org_id, id)
);
comment on table maneiro.documents is 'One file of a record.';
comment on column maneiro.documents.id is 'UUIDv7.';
comment on column maneiro.documents.org_id is 'The clinic.';
comment on column maneiro.documents.record_id is 'The record it belongs to.';
comment on column maneiro.documents.name_sealed is 'The file''s name, sealed, because file names contain patients'' names.';
comment on column maneiro.documents.media_type is 'The file''s media type.';
comment on column maneiro.documents.sha256_mac is 'Message authentication code of the file''s SHA-256, under the clinic''s key: the same file twice in a record is one document, and nobody without the key can tell which file it is.';
comment on column maneiro.documents.bytes is 'The file''s size in bytes.';
comment on column maneiro.documents.pages is 'The number of the file''s pages, uploaded or not.';
comment on column maneiro.documents.stored_pages is 'How many different pages were uploaded.';
comment on column maneiro.documents.revision is 'Counts the uploads of pages; a job names the one whose pages it reads.';
comment on column maneiro.documents.original_version is 'The object of the original; null if it was not uploaded.';
comment on column maneiro.documents.created_at is 'When it was added.';

create table maneiro.pages (
    org_id uuid not null constraint pages_org_fkey references maneiro.organizations (id),
    document_id uuid not null,
    number integer not null constraint pages_number_range check (number between 1 and 10000),
    version uuid not null,
    stored_in integer not null,
    superseded_in integer,
    constraint pages_pkey primary key (org_id, document_id, number, version),
    constraint pages_version_key unique (org_id, version),
    constraint pages_superseded_later check (superseded_in > stored_in),
    constraint pages_document_fkey foreign key (org_id, document_id) references maneiro.documents (org_id, id),
    constraint pages_object_fkey foreign key (org_id, version) references maneiro.objects (org_id, id)
);
create unique index pages_current_idx on maneiro.pages (org_id, document_id, number) where superseded_in is null;
create index pages_superseded_idx on maneiro.pages (org_id, document_id) where superseded_in is not null;
comment on table maneiro.pages is 'Uploaded pages, in every version that is current or that a job reads. A version never changes.';
comment on column maneiro.pages.org_id is 'The clinic.';
comment on column maneiro.pages.document_id is 'The document.';
comment on column maneiro.pages.number is 'Position in the file, from 1.';
comment on column maneiro.pages.version is 'The object that holds its sealed content.';
comment on column maneiro.pages.stored_in is 'The revision of the document in which it was stored.';
comment on column maneiro.pages.superseded_in is 'The revision in which a later version was stored; null for the current one.';

alter table maneiro.records enable row level security;
alter table maneiro.records force row level security;
create policy records_tenant on maneiro.records to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

alter table maneiro.documents enable row level security;
alter table maneiro.documents force row level security;
create policy documents_tenant on maneiro.documents to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

alter table maneiro.pages enable row level security;
alter table maneiro.pages force row level security;
create policy pages_tenant on maneiro.pages to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());

grant select, insert, update (active_at, deleted_at, purged_at, title_sealed, fields_sealed, revision, owner_id) on maneiro.records to maneiro_app;
grant select, insert, update (stored_pages, revision, original_version), delete on maneiro.documents to maneiro_app;
grant select, insert, update (superseded_in), delete on maneiro.pages to maneiro_app;

-- What is to be purged is found without its clinic.
create policy records_system_select on maneiro.records for select to maneiro_system using (true);
grant select (id, org_id, active_at, deleted_at, purged_at) on maneiro.records to maneiro_system;
create policy pages_system on maneiro.pages to maneiro_system using (true) with check (true);
grant select (org_id, document_id, version, stored_in, superseded_in), delete on maneiro.pages to maneiro_system;
