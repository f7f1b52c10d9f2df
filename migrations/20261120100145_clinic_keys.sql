-- The keys that clinics' data is sealed with, in versions, so that they can be rotated.

create table maneiro.clinic_keys (
    org_id uuid not null constraint clinic_keys_org_fkey references maneiro.organizations (id),
    version integer not null constraint clinic_keys_version_positive check (version > 0),
    wrapped bytea not null,
    created_at timestamptz not null,
    seals_from timestamptz not null,
    retired_at timestamptz,
    constraint clinic_keys_pkey primary key (org_id, version)
);
comment on table maneiro.clinic_keys is 'The keys that clinics'' data is sealed with. Sealed data names the version of its key.';
comment on column maneiro.clinic_keys.org_id is 'The clinic.';
comment on column maneiro.clinic_keys.version is 'From 1.';
comment on column maneiro.clinic_keys.wrapped is 'The key, encrypted under the master key that is named in it and is not in the database.';
comment on column maneiro.clinic_keys.created_at is 'When it was made.';
comment on column maneiro.clinic_keys.seals_from is 'When it begins to seal: not before every process knows it.';
comment on column maneiro.clinic_keys.retired_at is 'When the next version begins to seal in its place. It still opens what it sealed.';

alter table maneiro.clinic_keys enable row level security;
alter table maneiro.clinic_keys force row level security;
create policy clinic_keys_tenant_select on maneiro.clinic_keys for select to maneiro_app
    using (org_id = maneiro.current_org());
create policy clinic_keys_sign_in_insert on maneiro.clinic_keys for insert to maneiro_sign_in with check (true);
-- Rotated by a command on the server, as maneiro_owner.
create policy clinic_keys_owner on maneiro.clinic_keys to maneiro_owner using (true) with check (true);

grant select on maneiro.clinic_keys to maneiro_app;
grant insert on maneiro.clinic_keys to maneiro_sign_in;

-- Tells every process to forget the keys of a clinic that it holds in memory. A hint: they expire soon anyway.
create function maneiro.notify_clinic_keys() returns trigger language plpgsql as $$
begin
    perform pg_notify('maneiro_clinic_keys', coalesce(new.org_id, old.org_id)::text);
    return null;
end
$$;
comment on function maneiro.notify_clinic_keys() is 'Notifies the channel maneiro_clinic_keys of a clinic whose keys changed.';
create trigger clinic_keys_notify after insert or update or delete on maneiro.clinic_keys
    for each row execute function maneiro.notify_clinic_keys();
