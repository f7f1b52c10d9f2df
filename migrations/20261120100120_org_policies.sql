-- What a clinic requires of its members and permits, and how long it keeps records.

create table maneiro.org_policies (
    org_id uuid constraint org_policies_pkey primary key
        constraint org_policies_org_fkey references maneiro.organizations (id),
    requires_second_factor boolean not null default false,
    idle_minutes integer not null default 15 constraint org_policies_idle_range check (idle_minutes between 1 and 720),
    absolute_hours integer not null default 12 constraint org_policies_absolute_range check (absolute_hours between 1 and 24),
    retention_days integer not null default 90 constraint org_policies_retention_range check (retention_days between 1 and 3650),
    mail_domains text[] not null default '{}'
        constraint org_policies_mail_domains_count check (cardinality(mail_domains) <= 100),
    recording_consent text
        constraint org_policies_consent_length check (char_length(recording_consent) between 1 and 2000),
    uploads_originals boolean not null default true,
    model_hosts text[] constraint org_policies_model_hosts_count check (cardinality(model_hosts) <= 100)
);
comment on table maneiro.org_policies is 'What a clinic requires of its members and permits, and how long it keeps records.';
comment on column maneiro.org_policies.org_id is 'The clinic.';
comment on column maneiro.org_policies.requires_second_factor is 'Whether a password alone is too little for anything but the own account.';
comment on column maneiro.org_policies.idle_minutes is 'A session that was not used for so long ends.';
comment on column maneiro.org_policies.absolute_hours is 'A session ends after so long, used or not. Sessions that have begun keep their end.';
comment on column maneiro.org_policies.retention_days is 'A record that nothing was added to for so long is purged.';
comment on column maneiro.org_policies.mail_domains is 'In lower case, the domains of the addresses that may be invited and become members; empty: any.';
comment on column maneiro.org_policies.recording_consent is 'What a patient is told before a recording; null: nothing.';
comment on column maneiro.org_policies.uploads_originals is 'Whether files themselves may be uploaded, besides the text of their pages.';
comment on column maneiro.org_policies.model_hosts is 'In lower case, the hosts of language models that pages may be sent to; null: any that the service has; empty: none.';

alter table maneiro.org_policies enable row level security;
alter table maneiro.org_policies force row level security;
create policy org_policies_tenant on maneiro.org_policies to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
create policy org_policies_sign_in on maneiro.org_policies to maneiro_sign_in using (true) with check (true);
create policy org_policies_session_select on maneiro.org_policies for select to maneiro_session using (true);
create policy org_policies_system_select on maneiro.org_policies for select to maneiro_system using (true);

grant select on maneiro.org_policies to maneiro_app;
grant update (requires_second_factor, idle_minutes, absolute_hours, retention_days, mail_domains, recording_consent,
    uploads_originals, model_hosts) on maneiro.org_policies to maneiro_app;
grant select, insert (org_id) on maneiro.org_policies to maneiro_sign_in;
grant select on maneiro.org_policies to maneiro_session;
grant select (org_id, retention_days) on maneiro.org_policies to maneiro_system;
