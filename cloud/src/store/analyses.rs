//! Results of jobs, sealed.

use maneiro_api::{AnalysisId, JobId, RecordId};
use time::OffsetDateTime;

use super::OrgTx;
use crate::domain::error::{Error, Resource};

/// An analysis as it is stored.
#[derive(Debug, Clone)]
pub struct StoredAnalysis {
    pub id: AnalysisId,
    pub job: JobId,
    pub record: RecordId,
    /// `extractive`, or the name of the language model.
    pub generator: String,
    /// The analysis as JSON, sealed.
    pub body_sealed: Vec<u8>,
    pub created_at: OffsetDateTime,
}

/// # Errors
/// `Internal` if the job has an analysis: the caller holds the job's lease.
pub async fn insert(tx: &mut OrgTx, analysis: &StoredAnalysis) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.analyses (id, org_id, job_id, record_id, generator, body_sealed, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        analysis.id.uuid(),
        tx.org(),
        analysis.job.uuid(),
        analysis.record.uuid(),
        analysis.generator,
        analysis.body_sealed,
        analysis.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What an analysis belongs to.
#[derive(Debug, Clone, Copy)]
pub struct AnalysisOrigin {
    pub job: JobId,
    pub record: RecordId,
}

/// The job and the record of an analysis.
///
/// # Errors
/// `NotFound` if the clinic has no such analysis.
pub async fn find_origin(tx: &mut OrgTx, id: AnalysisId) -> Result<AnalysisOrigin, Error> {
    let row = sqlx::query!(
        "select a.job_id, a.record_id from maneiro.analyses a
         join maneiro.records r on r.org_id = a.org_id and r.id = a.record_id and r.deleted_at is null
         where a.id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Analysis))?;
    Ok(AnalysisOrigin { job: JobId::from_uuid(row.job_id), record: RecordId::from_uuid(row.record_id) })
}

/// # Errors
/// `NotFound` if the clinic has no such analysis.
pub async fn find(tx: &mut OrgTx, id: AnalysisId) -> Result<StoredAnalysis, Error> {
    let row = sqlx::query!(
        "select a.job_id, a.record_id, a.generator, a.body_sealed, a.created_at
         from maneiro.analyses a
         join maneiro.records r on r.org_id = a.org_id and r.id = a.record_id and r.deleted_at is null
         where a.id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Analysis))?;
    Ok(StoredAnalysis {
        id,
        job: JobId::from_uuid(row.job_id),
        record: RecordId::from_uuid(row.record_id),
        generator: row.generator,
        body_sealed: row.body_sealed,
        created_at: row.created_at,
    })
}
