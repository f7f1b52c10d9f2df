-- Operators are granted by a command that logs in as migrations do; serve and worker cannot.
-- Row-level security is forced, so the owner needs a policy too.
create policy users_owner on maneiro.users to maneiro_owner using (true) with check (true);
create policy audit_events_owner_insert on maneiro.audit_events for insert to maneiro_owner with check (true);

-- Operators list, retry and drop dead tasks; the jobs behind them follow.
create policy tasks_owner on maneiro.tasks to maneiro_owner using (true) with check (true);
create policy jobs_owner on maneiro.jobs to maneiro_owner using (true) with check (true);
