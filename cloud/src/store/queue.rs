//! The queue: what happens with jobs before their clinic is known. All times are the database's, so that the clocks of
//! workers do not matter.

use std::time::Duration;

use maneiro_api::{JobId, OrgId};
use uuid::Uuid;

use super::SystemTx;
use crate::domain::{error::Error, job::JobLease};

/// Claims up to `limit` due jobs, the longest due first, under one lease of `duration`. The attempt is counted here, so
/// that a worker that dies has used one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn claim(
    tx: &mut SystemTx,
    lease_id: Uuid,
    duration: Duration,
    limit: u32,
) -> Result<Vec<JobLease>, Error> {
    let rows = sqlx::query!(
        "with due as (
             select id from maneiro.jobs where state = 'waiting' and run_after <= now()
             order by run_after limit $3 for update skip locked
         )
         update maneiro.jobs j
         set state = 'processing', attempt = j.attempt + 1, lease_id = $1,
             lease_expires_at = now() + make_interval(secs => $2)
         from due where j.id = due.id
         returning j.id, j.org_id, j.attempt",
        lease_id,
        duration.as_secs_f64(),
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| job_lease(row.id, row.org_id, lease_id, row.attempt)).collect()
}

/// Renews a lease for `duration` and stores the job's progress.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease: it was cancelled, or the lease expired and was reaped.
pub async fn renew(
    tx: &mut SystemTx,
    lease: &JobLease,
    duration: Duration,
    pages_done: u32,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.jobs
         set lease_expires_at = now() + make_interval(secs => $4), pages_done = least($5, pages_total)
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'processing'",
        lease.job().uuid(),
        lease.id(),
        i32::try_from(lease.attempt()).map_err(Error::internal)?,
        duration.as_secs_f64(),
        i32::try_from(pages_done).map_err(Error::internal)?,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

/// Puts a leased job back into the queue, due at once. The attempt is not counted.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease.
pub async fn release(tx: &mut SystemTx, lease: &JobLease) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.jobs
         set state = 'waiting', attempt = attempt - 1, run_after = now(), pages_done = 0,
             lease_id = null, lease_expires_at = null
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'processing'",
        lease.job().uuid(),
        lease.id(),
        i32::try_from(lease.attempt()).map_err(Error::internal)?,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

/// Expired leases, the longest expired first: their workers died or lost the database.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn expired(tx: &mut SystemTx, limit: u32) -> Result<Vec<JobLease>, Error> {
    let rows = sqlx::query!(
        r#"select id, org_id, lease_id as "lease_id!", attempt from maneiro.jobs
           where state = 'processing' and lease_expires_at < now() order by lease_expires_at limit $1"#,
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| job_lease(row.id, row.org_id, row.lease_id, row.attempt)).collect()
}

fn job_lease(job: Uuid, org: Uuid, lease_id: Uuid, attempt: i32) -> Result<JobLease, Error> {
    let attempt = u32::try_from(attempt).map_err(Error::internal)?;
    Ok(JobLease::new(JobId::from_uuid(job), OrgId::from_uuid(org), lease_id, attempt))
}
