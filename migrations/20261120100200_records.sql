-- Patients' records, their documents and pages. Content is sealed under the clinic's key (see shared/api/src/seal/mod.rs).

create table maneiro.records (
    id uuid constraint records_pkey primary key,
    org_id uuid not null constraint records_org_fkey references maneiro.organizations (id),
    title_sealed bytea not null,
    created_by_kind text not null constraint records_created_by_kind_known check (created_by_kind in ('member', 'operator')),
    created_by_id uuid not null,
    created_at timestamptz not null,
    constraint records_org_id_key unique (org_id, id)
);
create index records_list_idx on maneiro.records (org_id, id desc);
comment on table maneiro.records is 'A patient''s record: the documents that are analysed together.';
comment on column maneiro.records.id is 'UUIDv7.';
comment on column maneiro.records.org_id is 'The clinic.';
comment on column maneiro.records.title_sealed is 'The title that the clinic gave the record, sealed.';
comment on column maneiro.records.created_by_kind is 'Who created it: member or operator.';
comment on column maneiro.records.created_by_id is 'The user who created it; may have been removed since.';
comment on column maneiro.records.created_at is 'When it was created.';

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
    original_object_key text,
    created_at timestamptz not null,
    constraint documents_org_id_key unique (org_id, id),
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
comment on column maneiro.documents.original_object_key is 'The sealed original in the object store; null if it was not uploaded.';
comment on column maneiro.documents.created_at is 'When it was added.';

create table maneiro.pages (
    org_id uuid not null constraint pages_org_fkey references maneiro.organizations (id),
    document_id uuid not null,
    number integer not null constraint pages_number_range check (number between 1 and 10000),
    object_key text not null,
    sealed_bytes integer not null constraint pages_sealed_bytes_positive check (sealed_bytes > 0),
    uploaded_at timestamptz not null,
    constraint pages_pkey primary key (org_id, document_id, number),
    constraint pages_document_fkey foreign key (org_id, document_id) references maneiro.documents (org_id, id)
);
comment on table maneiro.pages is 'Uploaded pages; their content is sealed in the object store.';
comment on column maneiro.pages.org_id is 'The clinic.';
comment on column maneiro.pages.document_id is 'The document.';
comment on column maneiro.pages.number is 'Position in the file, from 1.';
comment on column maneiro.pages.object_key is 'The sealed content in the object store.';
comment on column maneiro.pages.sealed_bytes is 'The size of the sealed content in bytes.';
comment on column maneiro.pages.uploaded_at is 'When it was last uploaded.';

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

grant select, insert on maneiro.records to maneiro_app;
grant select, insert, update (original_object_key) on maneiro.documents to maneiro_app;
grant select, insert, update (sealed_bytes, uploaded_at) on maneiro.pages to maneiro_app;
