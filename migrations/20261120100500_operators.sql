-- What operators of the platform see and do. They are granted by a command that logs in as migrations do; serve and worker
-- cannot grant them. Row-level security is forced, so the owner needs policies too.
create policy users_owner on maneiro.users to maneiro_owner using (true) with check (true);
-- To import accounts of another system into a clinic.
create policy organizations_owner on maneiro.organizations to maneiro_owner using (true) with check (true);
create policy memberships_owner on maneiro.memberships to maneiro_owner using (true) with check (true);
create policy credentials_owner_insert on maneiro.credentials for insert to maneiro_owner with check (true);
-- To make a clinic, and to tell whose second factor was reset.
create policy org_policies_owner_insert on maneiro.org_policies for insert to maneiro_owner with check (true);
create policy subscriptions_owner_insert on maneiro.subscriptions for insert to maneiro_owner with check (true);
create policy mails_owner_insert on maneiro.mails for insert to maneiro_owner with check (true);
create policy audit_events_owner_insert on maneiro.audit_events for insert to maneiro_owner with check (true);

-- Operators list, retry and drop dead tasks; the jobs behind them follow.
create policy tasks_owner on maneiro.tasks to maneiro_owner using (true) with check (true);
create policy jobs_owner on maneiro.jobs to maneiro_owner using (true) with check (true);
-- To verify the log.
create policy audit_events_owner_select on maneiro.audit_events for select to maneiro_owner using (true);

-- Of a clinic an operator sees who its members are, not what it keeps.
create policy organizations_operator_select on maneiro.organizations for select to maneiro_operator using (true);
create policy users_operator_select on maneiro.users for select to maneiro_operator using (true);
create policy memberships_operator_select on maneiro.memberships for select to maneiro_operator using (true);
-- Support sessions only: the sessions of members and of operators are none of theirs.
create policy sessions_operator_insert on maneiro.sessions for insert to maneiro_operator
    with check (operator_id is not null);

grant select (id, deleted_at) on maneiro.organizations to maneiro_operator;
grant select (id, disabled_at) on maneiro.users to maneiro_operator;
grant select (org_id, user_id, ended_at) on maneiro.memberships to maneiro_operator;
grant insert on maneiro.sessions to maneiro_operator;
