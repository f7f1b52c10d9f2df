-- What passes between the service and Stripe, and what clinics use by month.

create table maneiro.billing_intents (
    id uuid constraint billing_intents_pkey primary key,
    org_id uuid not null constraint billing_intents_org_fkey references maneiro.organizations (id),
    request jsonb not null,
    state text not null constraint billing_intents_state_known check (state in ('pending', 'done', 'refused')),
    url text,
    error_code text,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint billing_intents_org_id_key unique (org_id, id),
    constraint billing_intents_finished check ((state = 'pending') = (finished_at is null))
);
-- One at a time: what two changes at once would do to a subscription, nobody could say.
create unique index billing_intents_pending_idx on maneiro.billing_intents (org_id) where state = 'pending';
comment on table maneiro.billing_intents is 'What a clinic wants Stripe to do. Stored before Stripe is asked: its id is the idempotency key, so that a crash between our commit and the answer makes nothing twice.';
comment on column maneiro.billing_intents.id is 'UUIDv7; Stripe''s idempotency keys begin with it.';
comment on column maneiro.billing_intents.org_id is 'The clinic.';
comment on column maneiro.billing_intents.request is 'What is to be done, as JSON: keys of plans and counts.';
comment on column maneiro.billing_intents.state is 'pending, done or refused.';
comment on column maneiro.billing_intents.url is 'The page of Stripe that it made.';
comment on column maneiro.billing_intents.error_code is 'Why Stripe refused it.';
comment on column maneiro.billing_intents.created_at is 'When it was wanted.';
comment on column maneiro.billing_intents.finished_at is 'When Stripe had answered.';

create table maneiro.stripe_events (
    id text constraint stripe_events_pkey primary key constraint stripe_events_id_length check (char_length(id) between 1 and 255),
    org_id uuid constraint stripe_events_org_fkey references maneiro.organizations (id),
    kind text not null,
    customer text,
    problem text constraint stripe_events_problem_known check (problem in ('unknown_customer', 'unknown_price', 'two_subscriptions')),
    received_at timestamptz not null
);
create index stripe_events_org_idx on maneiro.stripe_events (org_id);
create index stripe_events_problem_idx on maneiro.stripe_events (received_at) where problem is not null;
create index stripe_events_received_idx on maneiro.stripe_events (received_at) where problem is null;
comment on table maneiro.stripe_events is 'Events of Stripe that concern a subscription, by their ids, so that one that is delivered twice has one effect. What they say is fetched.';
comment on column maneiro.stripe_events.id is 'Stripe''s id of the event, or of what a reconciliation found.';
comment on column maneiro.stripe_events.org_id is 'The clinic; null if no clinic has this customer.';
comment on column maneiro.stripe_events.kind is 'Stripe''s name of the event.';
comment on column maneiro.stripe_events.customer is 'The customer of Stripe.';
comment on column maneiro.stripe_events.problem is 'What an operator is to look at; null if nothing.';
comment on column maneiro.stripe_events.received_at is 'When it was received.';

create table maneiro.monthly_usage (
    org_id uuid not null constraint monthly_usage_org_fkey references maneiro.organizations (id),
    month date not null constraint monthly_usage_first_day check (extract(day from month) = 1),
    user_id uuid not null,
    analyses integer not null default 0 constraint monthly_usage_analyses_range check (analyses >= 0),
    pages integer not null default 0 constraint monthly_usage_pages_range check (pages >= 0),
    dictation_seconds integer not null default 0 constraint monthly_usage_dictation_range check (dictation_seconds >= 0),
    constraint monthly_usage_pkey primary key (org_id, month, user_id)
);
comment on table maneiro.monthly_usage is 'What each user did in each month (UTC): counted in the transaction of what they did.';
comment on column maneiro.monthly_usage.org_id is 'The clinic.';
comment on column maneiro.monthly_usage.month is 'The first day of the month.';
comment on column maneiro.monthly_usage.user_id is 'The user, who may be gone.';
comment on column maneiro.monthly_usage.analyses is 'Jobs that they created; one that ends in error is taken back.';
comment on column maneiro.monthly_usage.pages is 'Pages that they stored for the first time.';
comment on column maneiro.monthly_usage.dictation_seconds is 'Seconds that they dictated.';

create table maneiro.usage_history (
    org_id uuid not null constraint usage_history_org_fkey references maneiro.organizations (id),
    measured_at timestamptz not null,
    members integer not null,
    storage_bytes bigint not null,
    analyses integer not null,
    pages integer not null,
    dictation_seconds integer not null,
    constraint usage_history_pkey primary key (org_id, measured_at)
);
comment on table maneiro.usage_history is 'What each clinic used, measured every six hours.';
comment on column maneiro.usage_history.org_id is 'The clinic.';
comment on column maneiro.usage_history.measured_at is 'When it was measured.';
comment on column maneiro.usage_history.members is 'Members at that moment.';
comment on column maneiro.usage_history.storage_bytes is 'Bytes of documents at that moment.';
comment on column maneiro.usage_history.analyses is 'Analyses of the month up to then.';
comment on column maneiro.usage_history.pages is 'Pages of the month up to then.';
comment on column maneiro.usage_history.dictation_seconds is 'Seconds dictated in the month up to then.';

create table maneiro.billing_mails (
    id uuid constraint billing_mails_pkey primary key,
    org_id uuid not null constraint billing_mails_org_fkey references maneiro.organizations (id),
    user_id uuid not null,
    cause text not null constraint billing_mails_cause_length check (char_length(cause) between 1 and 200),
    content jsonb not null,
    caused_at timestamptz not null,
    sent_at timestamptz,
    constraint billing_mails_org_id_key unique (org_id, id),
    constraint billing_mails_cause_key unique (org_id, user_id, cause)
);
comment on table maneiro.billing_mails is 'Mails about money and use, one row for each recipient and cause, so that no cause is mailed twice.';
comment on column maneiro.billing_mails.id is 'UUIDv7; the id of the mail.';
comment on column maneiro.billing_mails.org_id is 'The clinic.';
comment on column maneiro.billing_mails.user_id is 'The admin who gets it.';
comment on column maneiro.billing_mails.cause is 'Names the cause, such as a day of the trial or an invoice. Ids and codes only.';
comment on column maneiro.billing_mails.content is 'What it says, as codes, counts and amounts.';
comment on column maneiro.billing_mails.caused_at is 'When it was caused.';
comment on column maneiro.billing_mails.sent_at is 'When it was handed to the mail server.';

create table maneiro.mail_preferences (
    org_id uuid not null constraint mail_preferences_org_fkey references maneiro.organizations (id),
    user_id uuid not null,
    usage_alerts boolean not null,
    trial_reminders boolean not null,
    constraint mail_preferences_pkey primary key (org_id, user_id),
    constraint mail_preferences_membership_fkey foreign key (org_id, user_id)
        references maneiro.memberships (org_id, user_id) on delete cascade
);
comment on table maneiro.mail_preferences is 'Which mails that are not about money a member gets; without a row, all of them.';
comment on column maneiro.mail_preferences.org_id is 'The clinic.';
comment on column maneiro.mail_preferences.user_id is 'The member.';
comment on column maneiro.mail_preferences.usage_alerts is 'Whether the member is told of 80, 90 and 100 % of a limit.';
comment on column maneiro.mail_preferences.trial_reminders is 'Whether the member is told that the trial began or is about to end.';

alter table maneiro.billing_intents enable row level security;
alter table maneiro.billing_intents force row level security;
create policy billing_intents_tenant on maneiro.billing_intents to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
alter table maneiro.stripe_events enable row level security;
alter table maneiro.stripe_events force row level security;
create policy stripe_events_tenant on maneiro.stripe_events to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
alter table maneiro.monthly_usage enable row level security;
alter table maneiro.monthly_usage force row level security;
create policy monthly_usage_tenant on maneiro.monthly_usage to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
alter table maneiro.usage_history enable row level security;
alter table maneiro.usage_history force row level security;
create policy usage_history_tenant on maneiro.usage_history to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
alter table maneiro.billing_mails enable row level security;
alter table maneiro.billing_mails force row level security;
create policy billing_mails_tenant on maneiro.billing_mails to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
alter table maneiro.mail_preferences enable row level security;
alter table maneiro.mail_preferences force row level security;
create policy mail_preferences_tenant on maneiro.mail_preferences to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- An event is stored before its clinic is known.
create policy stripe_events_system on maneiro.stripe_events to maneiro_system using (true) with check (true);
create policy stripe_events_owner on maneiro.stripe_events to maneiro_owner using (true) with check (true);

grant select, insert, update (state, url, error_code, finished_at) on maneiro.billing_intents to maneiro_app;
grant select, insert, update (problem) on maneiro.stripe_events to maneiro_app;
grant select, insert, update (problem), delete on maneiro.stripe_events to maneiro_system;
grant select, insert, update (analyses, pages, dictation_seconds) on maneiro.monthly_usage to maneiro_app;
grant select, insert on maneiro.usage_history to maneiro_app;
grant select, insert, update (sent_at) on maneiro.billing_mails to maneiro_app;
grant select, insert, update (usage_alerts, trial_reminders) on maneiro.mail_preferences to maneiro_app;
