//! Answers of the language model to the requests of a job, sealed.

use maneiro_api::JobId;

use super::OrgTx;
use crate::domain::error::Error;

/// Keeps an answer, unless the request has one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(tx: &mut OrgTx, job: JobId, request_mac: &[u8; 32], sealed: &[u8]) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.model_answers (org_id, job_id, request_mac, answer_sealed)
         values ($1, $2, $3, $4) on conflict do nothing",
        tx.org(),
        job.uuid(),
        request_mac,
        sealed,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut OrgTx, job: JobId, request_mac: &[u8; 32]) -> Result<Option<Vec<u8>>, Error> {
    let sealed = sqlx::query_scalar!(
        "select answer_sealed from maneiro.model_answers where job_id = $1 and request_mac = $2",
        job.uuid(),
        request_mac,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(sealed)
}

/// Removes all answers of a job.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete(tx: &mut OrgTx, job: JobId) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.model_answers where job_id = $1", job.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
