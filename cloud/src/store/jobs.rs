//! Jobs, as their clinic sees them. The work itself is a task, whose claims the state of a job follows.

use std::collections::HashMap;

use maneiro_api::{
    AnalysisId, JobId, RecordId,
    job::{JobErrorCode, JobState},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx, SystemTx,
    enum_text::{from_text, to_text},
    error::expect_rows,
};
use crate::domain::{
    error::{Error, Resource},
    job::{Job, JobLifecycle},
};

struct JobRow {
    id: Uuid,
    record_id: Uuid,
    request_sealed: Vec<u8>,
    state: String,
    pages_done: i32,
    pages_total: i32,
    attempt: i32,
    error_code: Option<String>,
    quota_period: Option<OffsetDateTime>,
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
            JobState::Waiting => JobLifecycle::Waiting,
            JobState::Processing => JobLifecycle::Processing,
            JobState::Complete => JobLifecycle::Complete { at: finished_at()? },
            JobState::Error => JobLifecycle::Error { at: finished_at()? },
            JobState::Cancelled => JobLifecycle::Cancelled { at: finished_at()? },
        };
        Ok(Self {
            id: JobId::from_uuid(row.id),
            record: RecordId::from_uuid(row.record_id),
            request_sealed: row.request_sealed,
            lifecycle,
            attempt: u32::try_from(row.attempt).map_err(Error::internal)?,
            // A newer release may store a code that this one does not know.
            last_error: row.error_code.map(|code| from_text(&code).unwrap_or(JobErrorCode::Internal)),
            pages_done: u32::try_from(row.pages_done).map_err(Error::internal)?,
            pages_total: u32::try_from(row.pages_total).map_err(Error::internal)?,
            quota_period: row.quota_period,
            analysis: row.analysis_id.map(AnalysisId::from_uuid),
            created_at: row.created_at,
        })
    }
}

macro_rules! select_jobs {
    ($tail:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            JobRow,
            r#"select j.id, j.record_id, j.request_sealed, j.state, j.pages_done,
                      j.pages_total, j.attempt, j.error_code, j.quota_period, j.created_at, j.finished_at,
                      (select a.id from maneiro.analyses a where a.org_id = j.org_id and a.job_id = j.id)
                          as analysis_id
               from maneiro.jobs j
               join maneiro.records r on r.org_id = j.org_id and r.id = j.record_id and r.deleted_at is null "# + $tail,
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
    let done = sqlx::query!(
        "insert into maneiro.jobs (id, org_id, record_id, created_by_kind, created_by_id, idempotency_mac, request_mac,
                                   request_sealed, state, pages_total, quota_period, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10, $11)
         on conflict on constraint jobs_idempotency_key do nothing",
        job.id.uuid(),
        tx.org(),
        job.record.uuid(),
        actor.kind(),
        actor.id(),
        &macs.key,
        &macs.request,
        job.request_sealed,
        i32::try_from(job.pages_total).map_err(Error::internal)?,
        job.quota_period,
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

/// Up to `limit` jobs of the clinic before `before`, newest first. One that this release cannot read is an error by itself.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(
    tx: &mut OrgTx,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<(JobId, Result<Job, Error>)>, Error> {
    let rows = select_jobs!(
        "where $1::uuid is null or j.id < $1 order by j.id desc limit $2",
        before,
        i64::from(limit)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (JobId::from_uuid(row.id), Job::try_from(row))).collect())
}

/// Stores the new state of a job that this transaction has locked.
///
/// # Errors
/// `Internal` if there is no such job.
pub async fn save(tx: &mut OrgTx, job: &Job) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.jobs
         set state = $2, attempt = $3, error_code = $4, pages_done = $5, quota_period = $6, finished_at = $7
         where id = $1",
        job.id.uuid(),
        to_text(&job.lifecycle.state()),
        i32::try_from(job.attempt).map_err(Error::internal)?,
        job.last_error.as_ref().map(to_text),
        i32::try_from(job.pages_done).map_err(Error::internal)?,
        job.quota_period,
        job.lifecycle.finished_at(),
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}

/// Stores how many pages a job reads.
///
/// # Errors
/// `Internal` if there is no such job.
pub async fn set_pages_total(tx: &mut OrgTx, job: JobId, pages: u32) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.jobs set pages_total = $2 where id = $1",
        job.uuid(),
        i32::try_from(pages).map_err(Error::internal)?,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}

/// Stores the progress of an attempt, unless the job is no longer in it.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_progress(tx: &mut OrgTx, job: JobId, attempt: u32, pages_done: u32) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.jobs set pages_done = least($3, pages_total)
         where id = $1 and attempt = $2 and state = 'processing'",
        job.uuid(),
        i32::try_from(attempt).map_err(Error::internal)?,
        i32::try_from(pages_done).map_err(Error::internal)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The tasks of these jobs were claimed, for the attempt of this number.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_processing(tx: &mut SystemTx, claimed: &[(JobId, u32)]) -> Result<(), Error> {
    let ids: Vec<Uuid> = claimed.iter().map(|(job, _)| job.uuid()).collect();
    let attempts = claimed.iter().map(|(_, attempt)| i32::try_from(*attempt)).collect::<Result<Vec<_>, _>>();
    sqlx::query!(
        "update maneiro.jobs j set state = 'processing', attempt = claimed.attempt, pages_done = 0
         from unnest($1::uuid[], $2::int[]) as claimed (id, attempt)
         where j.id = claimed.id and j.state in ('waiting', 'processing')",
        &ids,
        &attempts.map_err(Error::internal)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The tasks of these jobs are back in the queue. `uncounted` of their attempts are not counted.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_waiting(
    tx: &mut SystemTx,
    jobs: &[Uuid],
    uncounted: u32,
    error: Option<JobErrorCode>,
) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.jobs
         set state = 'waiting', pages_done = 0, attempt = attempt - $2, error_code = coalesce($3, error_code)
         where id = any($1) and state = 'processing'",
        jobs,
        i32::try_from(uncounted).map_err(Error::internal)?,
        error.as_ref().map(to_text),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a job in error whose failure could not be recorded as others are, so that its clinic does not wait for it forever.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn end_in_error(tx: &mut SystemTx, job: JobId, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.jobs set state = 'error', error_code = $2, finished_at = $3
         where id = $1 and state in ('waiting', 'processing')",
        job.uuid(),
        to_text(&JobErrorCode::Internal),
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What a job's open event streams show of it, to see that it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobMark {
    state: String,
    pages_done: i32,
    attempt: i32,
    error_code: Option<String>,
    /// The number of the last edit of its analysis.
    last_edit: Option<i32>,
    /// The version of its last signed report.
    last_signed: Option<i32>,
}

/// The marks of these jobs, of whichever clinics.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn marks(tx: &mut SystemTx, jobs: &[JobId]) -> Result<HashMap<JobId, JobMark>, Error> {
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.uuid()).collect();
    let rows = sqlx::query!(
        "select j.id, j.state, j.pages_done, j.attempt, j.error_code,
                (select max(e.number) from maneiro.analyses a
                 join maneiro.analysis_edits e on e.org_id = a.org_id and e.analysis_id = a.id
                 where a.org_id = j.org_id and a.job_id = j.id) as last_edit,
                (select max(s.version) from maneiro.analyses a
                 join maneiro.signed_reports s on s.org_id = a.org_id and s.analysis_id = a.id
                 where a.org_id = j.org_id and a.job_id = j.id) as last_signed
         from maneiro.jobs j where j.id = any($1)",
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let marks = rows.into_iter().map(|row| {
        let mark = JobMark {
            state: row.state,
            pages_done: row.pages_done,
            attempt: row.attempt,
            error_code: row.error_code,
            last_edit: row.last_edit,
            last_signed: row.last_signed,
        };
        (JobId::from_uuid(row.id), mark)
    });
    Ok(marks.collect())
}
