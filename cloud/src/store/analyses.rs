//! Results of jobs, sealed.

use maneiro_api::{AnalysisId, JobId, RecordId};
use time::OffsetDateTime;

use super::OrgTx;
use crate::domain::error::{Error, Noun};

/// An analysis as it is stored.
#[derive(Debug, Clone)]
pub struct StoredAnalysis {
    /// Its id.
    pub id: AnalysisId,
    /// The job that made it.
    pub job: JobId,
    /// The record it is about.
    pub record: RecordId,
    /// `extractive`, or the language model's name.
    pub made_by: String,
    /// The analysis as JSON, sealed.
    pub body_sealed: Vec<u8>,
    /// When it was finished.
    pub created_at: OffsetDateTime,
}

/// Stores an analysis.
///
/// # Errors
/// `Bug` if its job has one: whoever calls holds the job.
pub async fn add(tx: &mut OrgTx, analysis: &StoredAnalysis) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.analyses (id, org_id, job_id, record_id, made_by, body_sealed, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        analysis.id.uuid(),
        tx.org(),
        analysis.job.uuid(),
        analysis.record.uuid(),
        analysis.made_by,
        analysis.body_sealed,
        analysis.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An analysis of the clinic.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn find(tx: &mut OrgTx, id: AnalysisId) -> Result<StoredAnalysis, Error> {
    let row = sqlx::query!(
        "select job_id, record_id, made_by, body_sealed, created_at from maneiro.analyses where id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Noun::Analysis))?;
    Ok(StoredAnalysis {
        id,
        job: JobId::from_uuid(row.job_id),
        record: RecordId::from_uuid(row.record_id),
        made_by: row.made_by,
        body_sealed: row.body_sealed,
        created_at: row.created_at,
    })
}
