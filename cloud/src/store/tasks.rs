//! The durable queue. All times are the database's, so that the clocks of workers do not matter. A worker sees the kinds that
//! it knows only, so that a row of a newer release stops nobody.

use std::time::Duration;

use maneiro_api::{OrgId, TaskId};
use sqlx::{PgExecutor, postgres::PgQueryResult};
use uuid::Uuid;

use super::{OrgTx, SystemTx, connection::StatementExecutor, enum_text::to_text};
use crate::domain::{
    error::Error,
    task::{LeasedTask, MAX_ATTEMPTS, NewTask, TaskErrorCode, TaskKind, TaskLease},
};

/// A transaction of either kind. A task of a clinic is enqueued in one of that clinic.
#[derive(Debug)]
pub enum TaskTx<'a> {
    Org(&'a mut OrgTx),
    System(&'a mut SystemTx),
    /// For a clinic, before one of its transactions can be begun.
    SystemFor(&'a mut SystemTx, OrgId),
}

impl<'a> From<&'a mut OrgTx> for TaskTx<'a> {
    fn from(tx: &'a mut OrgTx) -> Self {
        Self::Org(tx)
    }
}

impl<'a> From<&'a mut SystemTx> for TaskTx<'a> {
    fn from(tx: &'a mut SystemTx) -> Self {
        Self::System(tx)
    }
}

impl TaskTx<'_> {
    fn org(&self) -> Option<Uuid> {
        match self {
            Self::Org(tx) => Some(tx.org()),
            Self::System(_) => None,
            Self::SystemFor(_, org) => Some(org.uuid()),
        }
    }

    fn conn(&mut self) -> StatementExecutor<'_> {
        match self {
            Self::Org(tx) => tx.conn(),
            Self::System(tx) | Self::SystemFor(tx, _) => tx.conn(),
        }
    }
}

/// Enqueues a task, of the transaction's clinic if it has one, unless one with its dedupe key is stored. Returns whether it is
/// new.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn enqueue<'a>(tx: impl Into<TaskTx<'a>>, task: &NewTask) -> Result<bool, Error> {
    let mut tx = tx.into();
    let org = tx.org();
    insert(tx.conn(), org, task).await
}

/// As [`enqueue`], of a clinic or of none.
pub(super) async fn insert(
    conn: impl PgExecutor<'_>,
    org: Option<Uuid>,
    task: &NewTask,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.tasks (id, org_id, kind, subject_id, payload_sealed, priority, dedupe_key, state, run_after)
         values ($1, $2, $3, $4, $5, $6, $7, 'waiting', now() + make_interval(secs => $8))
         on conflict on constraint tasks_dedupe_key do nothing",
        task.id.uuid(),
        org,
        task.kind.name(),
        task.subject,
        task.payload_sealed,
        task.priority as i16,
        task.dedupe_key,
        task.delay.as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Tasks that other workers claim at the same moment are skipped, so more are looked at than are claimed.
const SPARE_CANDIDATES: u32 = 32;

/// Claims up to `limit` due tasks of these kinds under one lease of `duration`: the highest priority first; among equals the
/// clinic with the fewest running tasks, then the one that was served longest ago. The attempt is counted here, so that a
/// worker that dies has used one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn claim(
    tx: &mut SystemTx,
    kinds: &[TaskKind],
    lease_id: Uuid,
    duration: Duration,
    limit: u32,
) -> Result<Vec<LeasedTask>, Error> {
    let rows = sqlx::query!(
        r#"with recursive lanes (lane) as (
               (select t.lane from maneiro.tasks t where t.state = 'waiting' order by t.lane limit 1)
               union all
               select (select t.lane from maneiro.tasks t where t.state = 'waiting' and t.lane > l.lane
                       order by t.lane limit 1)
               from lanes l where l.lane is not null
           ), candidates as (
               select c.id, c.priority, c.run_after, c.place + r.running as load, s.served_at
               from lanes l
               left join maneiro.task_lanes s on s.lane = l.lane
               cross join lateral (select count(*) as running from maneiro.tasks t
                                   where t.state = 'running' and t.lane = l.lane) r
               cross join lateral (select t.id, t.priority, t.run_after,
                                          row_number() over (order by t.priority desc, t.run_after) as place
                                   from maneiro.tasks t
                                   where t.state = 'waiting' and t.lane = l.lane and t.run_after <= now()
                                     and t.kind = any($2)
                                   order by t.priority desc, t.run_after limit $5) c
           ), due as (
               select t.id from candidates c join maneiro.tasks t on t.id = c.id and t.state = 'waiting'
               order by c.priority desc, c.load, c.served_at nulls first, c.run_after
               limit $4 for update of t skip locked
           ), claimed as (
               update maneiro.tasks t
               set state = 'running', attempt = t.attempt + 1, lease_id = $1,
                   lease_expires_at = now() + make_interval(secs => $3)
               from due where t.id = due.id
               returning t.id, t.org_id, t.lane, t.kind, t.subject_id, t.payload_sealed, t.attempt
           ), served as (
               insert into maneiro.task_lanes (lane, served_at)
               select lane, clock_timestamp() from claimed group by lane order by lane
               on conflict on constraint task_lanes_pkey do update set served_at = excluded.served_at
           )
           select id as "id!", org_id, kind as "kind!", subject_id, payload_sealed, attempt as "attempt!" from claimed"#,
        lease_id,
        &names(kinds),
        duration.as_secs_f64(),
        i64::from(limit),
        i64::from(limit.saturating_add(SPARE_CANDIDATES)),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .filter_map(|row| {
            let lease = task_lease(row.id, row.org_id, &row.kind, row.subject_id, lease_id, row.attempt)?;
            Some(LeasedTask { lease, payload_sealed: row.payload_sealed })
        })
        .map(Ok)
        .collect()
}

fn names(kinds: &[TaskKind]) -> Vec<String> {
    kinds.iter().map(|kind| kind.name().to_owned()).collect()
}

/// `None` for a kind that this worker does not know, which its queries do not select.
fn task_lease(
    task: Uuid,
    org: Option<Uuid>,
    kind: &str,
    subject: Option<Uuid>,
    lease_id: Uuid,
    attempt: i32,
) -> Option<TaskLease> {
    Some(TaskLease {
        task: TaskId::from_uuid(task),
        kind: TaskKind::from_name(kind)?,
        org: org.map(OrgId::from_uuid),
        subject,
        id: lease_id,
        attempt: u32::try_from(attempt).ok()?,
    })
}

/// `LeaseLost` unless one task was changed.
fn expect_leased(done: &PgQueryResult) -> Result<(), Error> {
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

fn attempt(lease: &TaskLease) -> Result<i32, Error> {
    i32::try_from(lease.attempt).map_err(Error::internal)
}

/// Renews a lease for `duration`.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease: it was cancelled, or the lease expired and was reaped.
pub async fn renew(tx: &mut SystemTx, lease: &TaskLease, duration: Duration) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.tasks set lease_expires_at = now() + make_interval(secs => $4)
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'running'",
        lease.task.uuid(),
        lease.id,
        attempt(lease)?,
        duration.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?;
    expect_leased(&done)
}

/// Checks that the task still has this lease, and locks it until the transaction ends. Where a job is locked too, its task is
/// locked first.
///
/// # Errors
/// `LeaseLost` if it does not.
pub async fn lock_leased<'a>(tx: impl Into<TaskTx<'a>>, lease: &TaskLease) -> Result<(), Error> {
    sqlx::query_scalar!(
        "select id from maneiro.tasks where id = $1 and lease_id = $2 and attempt = $3 and state = 'running' for update",
        lease.task.uuid(),
        lease.id,
        attempt(lease)?,
    )
    .fetch_optional(tx.into().conn())
    .await?
    .map(drop)
    .ok_or(Error::LeaseLost)
}

/// As [`lock_leased`], for a lease that expired.
///
/// # Errors
/// `LeaseLost` if it was renewed, or the task no longer has it.
pub async fn lock_expired<'a>(tx: impl Into<TaskTx<'a>>, lease: &TaskLease) -> Result<(), Error> {
    sqlx::query_scalar!(
        "select id from maneiro.tasks
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'running' and lease_expires_at < now() for update",
        lease.task.uuid(),
        lease.id,
        attempt(lease)?,
    )
    .fetch_optional(tx.into().conn())
    .await?
    .map(drop)
    .ok_or(Error::LeaseLost)
}

/// Puts a task back into the queue, due at once. The attempt is not counted.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease.
pub async fn release(tx: &mut SystemTx, lease: &TaskLease) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.tasks
         set state = 'waiting', attempt = attempt - 1, run_after = now(), lease_id = null, lease_expires_at = null
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'running'",
        lease.task.uuid(),
        lease.id,
        attempt(lease)?,
    )
    .execute(tx.conn())
    .await?;
    expect_leased(&done)
}

/// Records that a task is done. A periodic one waits for its next time. One with a dedupe key stays without its payload, so
/// that its cause makes no second one; any other is deleted.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease.
pub async fn complete<'a>(tx: impl Into<TaskTx<'a>>, lease: &TaskLease) -> Result<(), Error> {
    let mut tx = tx.into();
    if let Some(period) = lease.kind.period() {
        return wait(&mut tx, lease, period, 0, None).await;
    }
    let done = sqlx::query!(
        "with done as (
             update maneiro.tasks
             set state = 'done', payload_sealed = null, error_code = null, finished_at = now(),
                 lease_id = null, lease_expires_at = null
             where id = $1 and lease_id = $2 and attempt = $3 and state = 'running' and dedupe_key is not null
             returning id
         ), deleted as (
             delete from maneiro.tasks
             where id = $1 and lease_id = $2 and attempt = $3 and state = 'running' and dedupe_key is null
             returning id
         )
         select id from done union all select id from deleted",
        lease.task.uuid(),
        lease.id,
        attempt(lease)?,
    )
    .fetch_optional(tx.conn())
    .await?;
    done.map(drop).ok_or(Error::LeaseLost)
}

/// Puts a task whose attempt failed back into the queue, to be claimed after `delay`.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease.
pub async fn retry_later<'a>(
    tx: impl Into<TaskTx<'a>>,
    lease: &TaskLease,
    delay: Duration,
    error: TaskErrorCode,
) -> Result<(), Error> {
    wait(&mut tx.into(), lease, delay, lease.attempt, Some(error)).await
}

async fn wait(
    tx: &mut TaskTx<'_>,
    lease: &TaskLease,
    delay: Duration,
    attempts: u32,
    error: Option<TaskErrorCode>,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.tasks
         set state = 'waiting', run_after = now() + make_interval(secs => $4), attempt = $5, error_code = $6,
             lease_id = null, lease_expires_at = null
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'running'",
        lease.task.uuid(),
        lease.id,
        attempt(lease)?,
        delay.as_secs_f64(),
        i32::try_from(attempts).map_err(Error::internal)?,
        error.as_ref().map(to_text),
    )
    .execute(tx.conn())
    .await?;
    expect_leased(&done)
}

/// Records that a task failed for good: it stays as a dead letter until an operator retries or drops it. A periodic one waits
/// for its next time instead.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease.
pub async fn bury<'a>(
    tx: impl Into<TaskTx<'a>>,
    lease: &TaskLease,
    error: TaskErrorCode,
) -> Result<(), Error> {
    let mut tx = tx.into();
    if let Some(period) = lease.kind.period() {
        return wait(&mut tx, lease, period, 0, Some(error)).await;
    }
    let done = sqlx::query!(
        "update maneiro.tasks
         set state = 'dead', error_code = $4, finished_at = now(), lease_id = null, lease_expires_at = null
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'running'",
        lease.task.uuid(),
        lease.id,
        attempt(lease)?,
        to_text(&error),
    )
    .execute(tx.conn())
    .await?;
    expect_leased(&done)
}

/// Puts tasks with expired leases and attempts left back into the queue: their workers died or lost the database. `delays` are
/// those after the first, second and each further attempt. Returns what was reaped. One statement without a
/// decision on any row's content, so that no row can keep the others from being reaped.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn reap(tx: &mut SystemTx, delays: &[Duration]) -> Result<Vec<(TaskKind, Option<Uuid>)>, Error> {
    let delays: Vec<f64> = delays.iter().map(Duration::as_secs_f64).collect();
    let rows = sqlx::query!(
        "update maneiro.tasks
         set state = 'waiting', error_code = $3, run_after = now() + make_interval(secs => ($2::float8[])[attempt]),
             lease_id = null, lease_expires_at = null
         where id in (select id from maneiro.tasks
                      where state = 'running' and lease_expires_at < now() and kind = any($1)
                        and attempt between 1 and array_length($2::float8[], 1)
                      order by id for update skip locked)
         returning kind, subject_id",
        &names(&TaskKind::ALL),
        &delays,
        to_text(&TaskErrorCode::WorkerLost),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((TaskKind::from_name(&row.kind)?, row.subject_id))).collect())
}

/// Up to `limit` expired leases of tasks without attempts left, the longest expired first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn exhausted(tx: &mut SystemTx, limit: u32) -> Result<Vec<TaskLease>, Error> {
    let rows = sqlx::query!(
        r#"select id, org_id, kind, subject_id, lease_id as "lease_id!", attempt from maneiro.tasks
           where state = 'running' and lease_expires_at < now() and kind = any($1) and attempt >= $2
           order by lease_expires_at limit $3"#,
        &names(&TaskKind::ALL),
        i32::try_from(MAX_ATTEMPTS).map_err(Error::internal)?,
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            task_lease(row.id, row.org_id, &row.kind, row.subject_id, row.lease_id, row.attempt)
        })
        .collect())
}

/// Locks the task of a subject, if there is one, until the transaction ends.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn lock_for_subject(tx: &mut OrgTx, kind: TaskKind, subject: Uuid) -> Result<(), Error> {
    sqlx::query_scalar!(
        "select id from maneiro.tasks where org_id = $1 and subject_id = $2 and kind = $3 for update",
        tx.org(),
        subject,
        kind.name(),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Deletes the task of a subject, whatever its state. A worker that has it loses its lease.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_for_subject(tx: &mut OrgTx, kind: TaskKind, subject: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "delete from maneiro.tasks where org_id = $1 and subject_id = $2 and kind = $3",
        tx.org(),
        subject,
        kind.name(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes tasks that were done longer than `age` ago. Returns how many.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_done(tx: &mut SystemTx, age: Duration) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from maneiro.tasks where state = 'done' and finished_at < now() - make_interval(secs => $1)",
        age.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
