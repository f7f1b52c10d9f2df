-- What each clinic has subscribed to. What it may do is decided from this row and the catalogue of plans.

create table maneiro.subscriptions (
    org_id uuid constraint subscriptions_pkey primary key
        constraint subscriptions_org_fkey references maneiro.organizations (id),
    plan text not null,
    state text not null constraint subscriptions_state_known
        check (state in ('trialing', 'active', 'past_due', 'suspended', 'cancelled', 'free')),
    state_since timestamptz not null,
    suspended_by text constraint subscriptions_suspended_by_known check (suspended_by in ('payment', 'operator')),
    trial_ends_at timestamptz,
    period_anchor timestamptz not null,
    billing_interval text constraint subscriptions_interval_known check (billing_interval in ('month', 'year')),
    extra_seats integer not null default 0 constraint subscriptions_extra_seats_range check (extra_seats >= 0),
    extra_storage integer not null default 0 constraint subscriptions_extra_storage_range check (extra_storage >= 0),
    failed_payments integer not null default 0 constraint subscriptions_failed_payments_range check (failed_payments >= 0),
    period_ends_at timestamptz,
    cancels_at_period_end boolean not null default false,
    next_plan text,
    next_interval text constraint subscriptions_next_interval_known check (next_interval in ('month', 'year')),
    stripe_customer text constraint subscriptions_stripe_customer_key unique,
    stripe_subscription text constraint subscriptions_stripe_subscription_key unique,
    applied_hash bytea constraint subscriptions_applied_hash_size check (octet_length(applied_hash) = 32),
    sync_wanted_at timestamptz,
    synced_at timestamptz,
    sync_count bigint not null default 0,
    constraint subscriptions_trial_ends check (state <> 'trialing' or trial_ends_at is not null),
    constraint subscriptions_suspended_by_someone check ((state = 'suspended') = (suspended_by is not null)),
    constraint subscriptions_next_complete check ((next_plan is null) = (next_interval is null))
);
create index subscriptions_sync_wanted_idx on maneiro.subscriptions (sync_wanted_at) where sync_wanted_at is not null;
create index subscriptions_due_idx on maneiro.subscriptions (org_id) where state in ('trialing', 'cancelled');
comment on table maneiro.subscriptions is 'What each clinic has subscribed to.';
comment on column maneiro.subscriptions.org_id is 'The clinic.';
comment on column maneiro.subscriptions.plan is 'The key of the plan in the catalogue.';
comment on column maneiro.subscriptions.state is 'trialing, active, past_due, suspended, cancelled or free.';
comment on column maneiro.subscriptions.state_since is 'When the state began.';
comment on column maneiro.subscriptions.suspended_by is 'While it is suspended: payment or operator. A payment ends the one, an operator the other.';
comment on column maneiro.subscriptions.trial_ends_at is 'When the trial ends or ended; counts only while the state is trialing.';
comment on column maneiro.subscriptions.period_anchor is 'When the trial began, or the day and time of the month when a paid plan is billed: its periods begin then.';
comment on column maneiro.subscriptions.billing_interval is 'month or year; null if nothing is billed.';
comment on column maneiro.subscriptions.extra_seats is 'Seats that are billed besides the plan.';
comment on column maneiro.subscriptions.extra_storage is 'Units of the storage add-on that are billed besides the plan.';
comment on column maneiro.subscriptions.failed_payments is 'Payments in a row that failed.';
comment on column maneiro.subscriptions.period_ends_at is 'When the paid period ends.';
comment on column maneiro.subscriptions.cancels_at_period_end is 'Whether it ends then.';
comment on column maneiro.subscriptions.next_plan is 'The key of the plan that follows then, if it is another.';
comment on column maneiro.subscriptions.next_interval is 'How often that is billed: month or year.';
comment on column maneiro.subscriptions.stripe_customer is 'The customer of Stripe, from the first checkout on.';
comment on column maneiro.subscriptions.stripe_subscription is 'The subscription of Stripe that was last applied.';
comment on column maneiro.subscriptions.applied_hash is 'SHA-256 of what was last applied of Stripe''s, so that a reconciliation sees what differs without asking for each clinic.';
comment on column maneiro.subscriptions.sync_wanted_at is 'Since when something of Stripe''s waits to be applied; null if nothing does.';
comment on column maneiro.subscriptions.synced_at is 'When it was last applied.';
comment on column maneiro.subscriptions.sync_count is 'How often anything was applied: what was fetched before another was applied is not.';

alter table maneiro.subscriptions enable row level security;
alter table maneiro.subscriptions force row level security;
create policy subscriptions_tenant on maneiro.subscriptions to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
-- A webhook and the reconciliation find the clinic by what Stripe calls it.
create policy subscriptions_system on maneiro.subscriptions to maneiro_system using (true) with check (true);
create policy subscriptions_sign_in_insert on maneiro.subscriptions for insert to maneiro_sign_in with check (true);
-- Seats are counted when an invitation is accepted, before whoever accepts it has a session.
create policy subscriptions_sign_in_select on maneiro.subscriptions for select to maneiro_sign_in using (true);

grant select, update on maneiro.subscriptions to maneiro_app;
grant select, update (sync_wanted_at) on maneiro.subscriptions to maneiro_system;
grant select, insert on maneiro.subscriptions to maneiro_sign_in;
