//! Jobs as their clinic sees them, and the recording of their outcomes. What is read before the clinic is known is in
//! `queue`.

use maneiro_api::{AnalysisId, JobId, RecordId, UserId, analysis::DateWindow, job::JobState};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    OrgTx,
    error::expect_rows,
    text::{from_text, to_text},
};
use crate::domain::{
    error::{Error, Noun},
    job::{Claim, Job, State},
    period::Period,
};

struct Row {
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
    usage_period: Option<Date>,
    created_at: OffsetDateTime,
    finished_at: Option<OffsetDateTime>,
    analysis_id: Option<Uuid>,
}

impl TryFrom<Row> for Job {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let finished =
            || row.finished_at.ok_or_else(|| Error::bug(anyhow::anyhow!("a final job has no end")));
        let state = match from_text(&row.state)? {
            JobState::Waiting => State::Waiting { delay: std::time::Duration::ZERO },
            JobState::Processing => State::Processing,
            JobState::Complete => State::Complete { at: finished()? },
            JobState::Error => State::Error { at: finished()? },
            JobState::Cancelled => State::Cancelled { at: finished()? },
        };
        let window = (row.window_from.is_some() || row.window_to.is_some())
            .then_some(DateWindow { from: row.window_from, to: row.window_to });
        Ok(Self {
            id: JobId::from_uuid(row.id),
            record: RecordId::from_uuid(row.record_id),
            focus_sealed: row.focus_sealed,
            window,
            state,
            attempt: u32::try_from(row.attempt).map_err(Error::bug)?,
            failure: row.error_code.as_deref().map(from_text).transpose()?,
            pages_done: u32::try_from(row.pages_done).map_err(Error::bug)?,
            pages_total: u32::try_from(row.pages_total).map_err(Error::bug)?,
            counted_in: row.usage_period.map(Period::from_first_day),
            analysis: row.analysis_id.map(AnalysisId::from_uuid),
            created_at: row.created_at,
        })
    }
}

macro_rules! select_jobs {
    ($tail:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select j.id, j.record_id, j.focus_sealed, j.window_from, j.window_to, j.state, j.pages_done,
                      j.pages_total, j.attempt, j.error_code, j.usage_period, j.created_at, j.finished_at,
                      (select a.id from maneiro.analyses a where a.org_id = j.org_id and a.job_id = j.id)
                          as analysis_id
               from maneiro.jobs j "# + $tail,
            $($arg),*
        )
    };
}

/// What makes a repeated request the same one: both are computed under the clinic's key.
#[derive(Debug, Clone, Copy)]
pub struct Idempotency {
    /// Of the Idempotency-Key.
    pub key: [u8; 32],
    /// Of the request.
    pub request: [u8; 32],
}

/// Stores a waiting job unless its Idempotency-Key was used. Answers whether it was stored.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn add(tx: &mut OrgTx, job: &Job, idempotency: Idempotency, by: UserId) -> Result<bool, Error> {
    let window = job.window.unwrap_or(DateWindow { from: None, to: None });
    let done = sqlx::query!(
        "insert into maneiro.jobs (id, org_id, record_id, created_by, idempotency_mac, request_mac, focus_sealed,
                                   window_from, window_to, state, pages_total, run_after, usage_period, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, now(), $11, $12)
         on conflict on constraint jobs_idempotency_key do nothing",
        job.id.uuid(),
        tx.org(),
        job.record.uuid(),
        by.uuid(),
        &idempotency.key,
        &idempotency.request,
        job.focus_sealed,
        window.from,
        window.to,
        i32::try_from(job.pages_total).map_err(Error::bug)?,
        job.counted_in.map(Period::first_day),
        job.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The job that an Idempotency-Key made, and what was asked with it.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn of_key(tx: &mut OrgTx, key: &[u8; 32]) -> Result<Option<(Job, Vec<u8>)>, Error> {
    let asked = sqlx::query!("select id, request_mac from maneiro.jobs where idempotency_mac = $1", key)
        .fetch_optional(tx.conn())
        .await?;
    match asked {
        Some(row) => Ok(Some((find(tx, JobId::from_uuid(row.id)).await?, row.request_mac))),
        None => Ok(None),
    }
}

/// A job of the clinic.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn find(tx: &mut OrgTx, id: JobId) -> Result<Job, Error> {
    select_jobs!("where j.id = $1", id.uuid())
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Noun::Job))?
        .try_into()
}

/// The same, locked until the transaction ends: whoever else changes it waits.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn find_to_change(tx: &mut OrgTx, id: JobId) -> Result<Job, Error> {
    select_jobs!("where j.id = $1 for update of j", id.uuid())
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Noun::Job))?
        .try_into()
}

/// The job that a claim holds, locked until the transaction ends.
///
/// # Errors
/// `LeaseLost` if another claim holds it, or none.
pub async fn held(tx: &mut OrgTx, claim: &Claim) -> Result<Job, Error> {
    select_jobs!(
        "where j.id = $1 and j.lease_id = $2 and j.attempt = $3 and j.state = 'processing' for update of j",
        claim.job().uuid(),
        claim.lease(),
        i32::try_from(claim.attempt()).map_err(Error::bug)?
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::LeaseLost)?
    .try_into()
}

/// The job that a claim held until its lease lapsed, locked until the transaction ends.
///
/// # Errors
/// `LeaseLost` if the lease was renewed, or another claim holds the job.
pub async fn lapsed(tx: &mut OrgTx, claim: &Claim) -> Result<Job, Error> {
    select_jobs!(
        "where j.id = $1 and j.lease_id = $2 and j.attempt = $3 and j.state = 'processing' and j.lease_until < now()
         for update of j",
        claim.job().uuid(),
        claim.lease(),
        i32::try_from(claim.attempt()).map_err(Error::bug)?
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

/// Stores what a change of state made of a job that this transaction has locked. No claim holds it afterwards.
///
/// # Errors
/// `Bug` if the job is not there, or the state is one that only a claim sets.
pub async fn save(tx: &mut OrgTx, job: &Job) -> Result<(), Error> {
    let delay = match job.state {
        State::Waiting { delay } => Some(delay.as_secs_f64()),
        State::Processing | State::Complete { .. } | State::Error { .. } | State::Cancelled { .. } => None,
    };
    let done = sqlx::query!(
        "update maneiro.jobs
         set state = $2, attempt = $3, error_code = $4, pages_done = $5, usage_period = $6, finished_at = $7,
             run_after = coalesce(now() + make_interval(secs => $8::float8), run_after),
             lease_id = null, lease_until = null
         where id = $1",
        job.id.uuid(),
        to_text(&job.state.name()),
        i32::try_from(job.attempt).map_err(Error::bug)?,
        job.failure.as_ref().map(to_text),
        i32::try_from(job.pages_done).map_err(Error::bug)?,
        job.counted_in.map(Period::first_day),
        job.state.finished_at(),
        delay,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}
