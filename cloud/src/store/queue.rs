//! The queue: what is done with jobs before their clinic is known. All times are the database's, so that the clocks of
//! workers do not matter.

use std::time::Duration;

use maneiro_api::{JobId, OrgId};
use uuid::Uuid;

use super::SystemTx;
use crate::domain::{error::Error, job::Claim};

/// Takes up to `limit` waiting jobs whose time has come, longest waiting first, under `lease` for `lease_for`.
/// The attempt is counted here: a worker that dies has used one up.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn claim(
    tx: &mut SystemTx,
    lease: Uuid,
    lease_for: Duration,
    limit: u32,
) -> Result<Vec<Claim>, Error> {
    let rows = sqlx::query!(
        "with due as (
             select id from maneiro.jobs where state = 'waiting' and run_after <= now()
             order by run_after limit $3 for update skip locked
         )
         update maneiro.jobs j
         set state = 'processing', attempt = j.attempt + 1, lease_id = $1,
             lease_until = now() + make_interval(secs => $2)
         from due where j.id = due.id
         returning j.id, j.org_id, j.attempt",
        lease,
        lease_for.as_secs_f64(),
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| to_claim(row.id, row.org_id, lease, row.attempt)).collect()
}

/// Renews the lease of a claim and notes how far its job is.
///
/// # Errors
/// `LeaseLost` if the claim no longer holds the job: it was cancelled, or the lease lapsed and was taken away.
pub async fn renew(
    tx: &mut SystemTx,
    claim: &Claim,
    lease_for: Duration,
    pages_done: u32,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.jobs
         set lease_until = now() + make_interval(secs => $4), pages_done = least($5, pages_total)
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'processing'",
        claim.job().uuid(),
        claim.lease(),
        i32::try_from(claim.attempt()).map_err(Error::bug)?,
        lease_for.as_secs_f64(),
        i32::try_from(pages_done).map_err(Error::bug)?,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

/// Gives a job back unharmed: it waits again, at once, and the attempt is not counted.
///
/// # Errors
/// `LeaseLost` if the claim no longer holds the job.
pub async fn hand_back(tx: &mut SystemTx, claim: &Claim) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.jobs
         set state = 'waiting', attempt = attempt - 1, run_after = now(), pages_done = 0,
             lease_id = null, lease_until = null
         where id = $1 and lease_id = $2 and attempt = $3 and state = 'processing'",
        claim.job().uuid(),
        claim.lease(),
        i32::try_from(claim.attempt()).map_err(Error::bug)?,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

/// Claims whose lease has lapsed, longest first: their workers died or lost the database.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn lapsed(tx: &mut SystemTx, limit: u32) -> Result<Vec<Claim>, Error> {
    let rows = sqlx::query!(
        r#"select id, org_id, lease_id as "lease_id!", attempt from maneiro.jobs
           where state = 'processing' and lease_until < now() order by lease_until limit $1"#,
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| to_claim(row.id, row.org_id, row.lease_id, row.attempt)).collect()
}

fn to_claim(job: Uuid, org: Uuid, lease: Uuid, attempt: i32) -> Result<Claim, Error> {
    let attempt = u32::try_from(attempt).map_err(Error::bug)?;
    Ok(Claim::new(JobId::from_uuid(job), OrgId::from_uuid(org), lease, attempt))
}
