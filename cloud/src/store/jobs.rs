//! Jobs of a clinic, and the recording of their outcomes. What happens before the clinic is known is in `queue`.

use maneiro_api::{AnalysisId, JobId, RecordId, analysis::DateWindow, job::JobState};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    OrgTx,
    enum_text::{from_text, to_text},
    error::expect_rows,
};
use crate::domain::{
    error::{Error, Resource},
    job::{Job, JobLease, JobLifecycle},
    quota_period::QuotaPeriod,
};

struct JobRow {
    id: Uuid,
    record_id: Uuid,
    focus_sealed: Option<Vec<u8>>,
    window_from: Option<Date>,
    window_to: Option<Date>,
    state: String,
    pages_done: i32,
    pages_total: i32,
    attempt: i32,
    error_code: Option<String>,
    quota_period: Option<Date>,
    created_at: OffsetDateTime,
    finished_at: Option<OffsetDateTime>,
    analysis_id: Option<Uuid>,
}

impl TryFrom<JobRow> for Job {
    type Error = Error;

    fn try_from(row: JobRow) -> Result<Self, Error> {
        let finished_at =
            || row.finished_at.ok_or_else(|| Error::internal(anyhow::anyhow!("a final job has no end")));
        let lifecycle = match from_text(&row.state)? {
            JobState::Waiting => JobLifecycle::Waiting { delay: std::time::Duration::ZERO },
            JobState::Processing => JobLifecycle::Processing,
            JobState::Complete => JobLifecycle::Complete { at: finished_at()? },
            JobState::Error => JobLifecycle::Error { at: finished_at()? },
            JobState::Cancelled => JobLifecycle::Cancelled { at: finished_at()? },
        };
        let window = (row.window_from.is_some() || row.window_to.is_some())
            .then_some(DateWindow { from: row.window_from, to: row.window_to });
        Ok(Self {
            id: JobId::from_uuid(row.id),
            record: RecordId::from_uuid(row.record_id),
            focus_sealed: row.focus_sealed,
            window,
            lifecycle,
            attempt: u32::try_from(row.attempt).map_err(Error::internal)?,
            last_error: row.error_code.as_deref().map(from_text).transpose()?,
            pages_done: u32::try_from(row.pages_done).map_err(Error::internal)?,
            pages_total: u32::try_from(row.pages_total).map_err(Error::internal)?,
            quota_period: row.quota_period.map(QuotaPeriod::from_date),
            analysis: row.analysis_id.map(AnalysisId::from_uuid),
            created_at: row.created_at,
        })
    }
}

macro_rules! select_jobs {
    ($tail:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            JobRow,
            r#"select j.id, j.record_id, j.focus_sealed, j.window_from, j.window_to, j.state, j.pages_done,
                      j.pages_total, j.attempt, j.error_code, j.quota_period, j.created_at, j.finished_at,
                      (select a.id from maneiro.analyses a where a.org_id = j.org_id and a.job_id = j.id)
                          as analysis_id
               from maneiro.jobs j "# + $tail,
            $($arg),*
        )
    };
}

/// Message authentication codes under the clinic's key, by which a repeated request is recognised.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyMacs {
    /// Of the Idempotency-Key.
    pub key: [u8; 32],
    /// Of the request.
    pub request: [u8; 32],
}

/// Stores a waiting job unless its Idempotency-Key was used. Returns whether it is new.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn insert(tx: &mut OrgTx, job: &Job, macs: IdempotencyMacs) -> Result<bool, Error> {
    let actor = tx.who().actor();
    let window = job.window.unwrap_or(DateWindow { from: None, to: None });
    let done = sqlx::query!(
        "insert into maneiro.jobs (id, org_id, record_id, created_by_kind, created_by_id, idempotency_mac, request_mac,
                                   focus_sealed, window_from, window_to, state, pages_total, run_after, quota_period,
                                   created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11, now(), $12, $13)
         on conflict on constraint jobs_idempotency_key do nothing",
        job.id.uuid(),
        tx.org(),
        job.record.uuid(),
        actor.kind(),
        actor.id(),
        &macs.key,
        &macs.request,
        job.focus_sealed,
        window.from,
        window.to,
        i32::try_from(job.pages_total).map_err(Error::internal)?,
        job.quota_period.map(QuotaPeriod::first_day),
        job.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The job that was created with an Idempotency-Key, and the MAC of its request.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_by_idempotency_key(
    tx: &mut OrgTx,
    key_mac: &[u8; 32],
) -> Result<Option<(Job, Vec<u8>)>, Error> {
    let found = sqlx::query!("select id, request_mac from maneiro.jobs where idempotency_mac = $1", key_mac)
        .fetch_optional(tx.conn())
        .await?;
    match found {
        Some(row) => Ok(Some((find(tx, JobId::from_uuid(row.id)).await?, row.request_mac))),
        None => Ok(None),
    }
}

/// # Errors
/// `NotFound` if the clinic has no such job.
pub async fn find(tx: &mut OrgTx, id: JobId) -> Result<Job, Error> {
    select_jobs!("where j.id = $1", id.uuid())
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Resource::Job))?
        .try_into()
}

/// The job, locked until the transaction ends.
///
/// # Errors
/// `NotFound` if the clinic has no such job.
pub async fn find_for_update(tx: &mut OrgTx, id: JobId) -> Result<Job, Error> {
    select_jobs!("where j.id = $1 for update of j", id.uuid())
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Resource::Job))?
        .try_into()
}

/// The job of a lease, locked until the transaction ends.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease.
pub async fn find_leased(tx: &mut OrgTx, lease: &JobLease) -> Result<Job, Error> {
    select_jobs!(
        "where j.id = $1 and j.lease_id = $2 and j.attempt = $3 and j.state = 'processing' for update of j",
        lease.job().uuid(),
        lease.id(),
        i32::try_from(lease.attempt()).map_err(Error::internal)?
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::LeaseLost)?
    .try_into()
}

/// The job of an expired lease, locked until the transaction ends.
///
/// # Errors
/// `LeaseLost` if the lease was renewed, or the job no longer has it.
pub async fn find_expired(tx: &mut OrgTx, lease: &JobLease) -> Result<Job, Error> {
    select_jobs!(
        "where j.id = $1 and j.lease_id = $2 and j.attempt = $3 and j.state = 'processing' and j.lease_expires_at < now()
         for update of j",
        lease.job().uuid(),
        lease.id(),
        i32::try_from(lease.attempt()).map_err(Error::internal)?
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::LeaseLost)?
    .try_into()
}

/// Up to `limit` jobs of the clinic before `before`, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(tx: &mut OrgTx, before: Option<Uuid>, limit: u32) -> Result<Vec<Job>, Error> {
    select_jobs!("where $1::uuid is null or j.id < $1 order by j.id desc limit $2", before, i64::from(limit))
        .fetch_all(tx.conn())
        .await?
        .into_iter()
        .map(Job::try_from)
        .collect()
}

/// Stores the new state of a job that this transaction has locked, and ends its lease.
///
/// # Errors
/// `Internal` if there is no such job, or its state is one that only a claim sets.
pub async fn save(tx: &mut OrgTx, job: &Job) -> Result<(), Error> {
    let delay = match job.lifecycle {
        JobLifecycle::Waiting { delay } => Some(delay.as_secs_f64()),
        JobLifecycle::Processing
        | JobLifecycle::Complete { .. }
        | JobLifecycle::Error { .. }
        | JobLifecycle::Cancelled { .. } => None,
    };
    let done = sqlx::query!(
        "update maneiro.jobs
         set state = $2, attempt = $3, error_code = $4, pages_done = $5, quota_period = $6, finished_at = $7,
             run_after = coalesce(now() + make_interval(secs => $8::float8), run_after),
             lease_id = null, lease_expires_at = null
         where id = $1",
        job.id.uuid(),
        to_text(&job.lifecycle.state()),
        i32::try_from(job.attempt).map_err(Error::internal)?,
        job.last_error.as_ref().map(to_text),
        i32::try_from(job.pages_done).map_err(Error::internal)?,
        job.quota_period.map(QuotaPeriod::first_day),
        job.lifecycle.finished_at(),
        delay,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}
