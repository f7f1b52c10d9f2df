-- Objects of the object store. The row is there before the object and longer than it, so that after any crash each object has a
-- row that says what becomes of it:
--   reserved  an upload of it may be under way; deleted if it is not stored within a day
--   stored    it is there, and never changes
--   deleted   what it held is no longer wanted; the row goes once all versions of the object are gone

create table maneiro.objects (
    id uuid constraint objects_pkey primary key,
    org_id uuid not null constraint objects_org_fkey references maneiro.organizations (id),
    object_key text collate "C" not null constraint objects_object_key_key unique,
    state text not null constraint objects_state_known check (state in ('reserved', 'stored', 'deleted')),
    sealed_bytes bigint constraint objects_sealed_bytes_positive check (sealed_bytes > 0),
    sealed_sha256 bytea constraint objects_sealed_sha256_size check (octet_length(sealed_sha256) = 32),
    changed_at timestamptz not null default now(),
    constraint objects_org_id_key unique (org_id, id)
);
create index objects_unfinished_idx on maneiro.objects (state, changed_at) where state <> 'stored';
create index objects_org_idx on maneiro.objects (org_id, state);
comment on table maneiro.objects is 'Objects of the object store: sealed pages and originals.';
comment on column maneiro.objects.id is 'UUIDv7; part of the object''s key and of what it is bound to.';
comment on column maneiro.objects.org_id is 'The clinic.';
comment on column maneiro.objects.object_key is 'Its key in the object store; never used again.';
comment on column maneiro.objects.state is 'reserved, stored or deleted.';
comment on column maneiro.objects.sealed_bytes is 'Its size in bytes; of an original, already when it is reserved.';
comment on column maneiro.objects.sealed_sha256 is 'SHA-256 of its sealed bytes, where a client uploads it straight to the object store.';
comment on column maneiro.objects.changed_at is 'When its state last changed (database time).';

alter table maneiro.objects enable row level security;
alter table maneiro.objects force row level security;
create policy objects_tenant on maneiro.objects to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- What becomes of unfinished objects is found without their clinic.
create policy objects_system on maneiro.objects to maneiro_system using (true) with check (true);

grant select, insert, update (state, sealed_bytes, changed_at) on maneiro.objects to maneiro_app;
grant select, update (state, changed_at), delete on maneiro.objects to maneiro_system;
