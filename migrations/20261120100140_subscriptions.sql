-- What each clinic has subscribed to. What it may do is decided from this row and the catalogue of plans.

create table maneiro.subscriptions (
    org_id uuid constraint subscriptions_pkey primary key
        constraint subscriptions_org_fkey references maneiro.organizations (id),
    plan text not null,
    state text not null constraint subscriptions_state_known
        check (state in ('trialing', 'active', 'past_due', 'suspended', 'cancelled', 'free')),
    trial_ends_at timestamptz,
    period_anchor timestamptz not null,
    constraint subscriptions_trial_ends check (state <> 'trialing' or trial_ends_at is not null)
);
comment on table maneiro.subscriptions is 'What each clinic has subscribed to.';
comment on column maneiro.subscriptions.org_id is 'The clinic.';
comment on column maneiro.subscriptions.plan is 'The key of the plan in the catalogue.';
comment on column maneiro.subscriptions.state is 'trialing, active, past_due, suspended, cancelled or free.';
comment on column maneiro.subscriptions.trial_ends_at is 'When the trial ends or ended; counts only while the state is trialing.';
comment on column maneiro.subscriptions.period_anchor is 'When the trial began, or the day and time of the month when a paid plan is billed: its periods begin then.';

alter table maneiro.subscriptions enable row level security;
alter table maneiro.subscriptions force row level security;
create policy subscriptions_tenant on maneiro.subscriptions to maneiro_app
    using (org_id = maneiro.current_org()) with check (org_id = maneiro.current_org());
create policy subscriptions_sign_in_insert on maneiro.subscriptions for insert to maneiro_sign_in with check (true);

grant select on maneiro.subscriptions to maneiro_app;
grant insert on maneiro.subscriptions to maneiro_sign_in;
