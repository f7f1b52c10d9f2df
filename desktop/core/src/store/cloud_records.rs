//! The records and analyses that files became in the cloud, so that a repeated command continues instead of starting
//! over.

use maneiro_api::{OrgId, RecordId, job::CreateJob};
use url::Url;

use super::{database::Store, error::StoreError};
use crate::files::sha256_hex;

/// A digest of an analysis request: its record, focus and date window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnalysisRequestDigest(String);

impl AnalysisRequestDigest {
    #[must_use]
    pub(crate) fn new(request: &CreateJob) -> Self {
        let request = serde_json::to_vec(request).expect("a request has string keys only");
        Self(sha256_hex(&request))
    }

    /// The `Idempotency-Key` of the n-th analysis of this request.
    #[must_use]
    pub(crate) fn idempotency_key(&self, run: u32) -> String {
        format!("{}-{run}", self.0)
    }
}

/// A digest of files in their order, with the languages they were read in, in one clinic of one cloud.
pub(crate) fn files_digest(cloud: &Url, clinic: OrgId, files_and_languages: &[&str]) -> String {
    let clinic = clinic.to_string();
    let parts: Vec<&str> =
        [cloud.as_str(), &clinic].into_iter().chain(files_and_languages.iter().copied()).collect();
    sha256_hex(parts.join("\n").as_bytes())
}

impl Store {
    /// The cloud record of a set of files.
    pub(crate) async fn cloud_record(&self, files_digest: &str) -> Result<Option<RecordId>, StoreError> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT record_id FROM cloud_records WHERE files_digest = ?")
                .bind(files_digest)
                .fetch_optional(&self.pool)
                .await?;
        record.map(|record| record.parse().map_err(|_| StoreError::Damaged)).transpose()
    }

    pub(crate) async fn save_cloud_record(
        &self,
        files_digest: &str,
        record: RecordId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO cloud_records (files_digest, record_id) VALUES (?, ?)
             ON CONFLICT (files_digest) DO UPDATE SET record_id = excluded.record_id",
        )
        .bind(files_digest)
        .bind(record.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Saves that an analysis is requested, and returns which run it is. It is the last run again, unless that one was
    /// delivered and `rerun` asks for a new one.
    pub(crate) async fn save_analysis_request(
        &self,
        request: &AnalysisRequestDigest,
        rerun: bool,
    ) -> Result<u32, StoreError> {
        let run = sqlx::query_scalar(
            "INSERT INTO analysis_requests (request_digest, run, is_delivered) VALUES (?, 1, 0)
             ON CONFLICT (request_digest) DO UPDATE
             SET run = run + (is_delivered AND ?), is_delivered = is_delivered AND NOT ?
             RETURNING run",
        )
        .bind(&request.0)
        .bind(rerun)
        .bind(rerun)
        .fetch_one(&self.pool)
        .await?;
        Ok(run)
    }

    /// Saves that the user has received the analysis.
    pub(crate) async fn set_delivered(&self, request: &AnalysisRequestDigest) -> Result<(), StoreError> {
        sqlx::query("UPDATE analysis_requests SET is_delivered = 1 WHERE request_digest = ?")
            .bind(&request.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
