//! What became of files in the cloud, so that a command that is run again goes on instead of beginning anew.

use maneiro_api::{OrgId, RecordId, job::CreateJob};
use url::Url;

use super::{Store, StoreError};
use crate::files::sha256_hex;

/// What an analysis was asked for: a record, a focus and days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question(String);

impl Question {
    /// The question that a request asks.
    #[must_use]
    pub fn of(request: &CreateJob) -> Self {
        let request = serde_json::to_vec(request).expect("a request has string keys only");
        Self(sha256_hex(&request))
    }

    /// The `Idempotency-Key` of asking it for the n-th time on purpose.
    #[must_use]
    pub fn key(&self, asked: u32) -> String {
        format!("{}-{asked}", self.0)
    }
}

impl Store {
    /// What stands for a set of readings of files, in their order, in one clinic of one cloud.
    pub(crate) fn files_digest(&self, cloud: &Url, clinic: OrgId, readings: &[&str]) -> String {
        let clinic = clinic.to_string();
        let parts: Vec<&str> =
            [cloud.as_str(), &clinic].into_iter().chain(readings.iter().copied()).collect();
        sha256_hex(parts.join("\n").as_bytes())
    }

    /// The record that these files became.
    pub(crate) async fn record(&self, files: &str) -> Result<Option<RecordId>, StoreError> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM records WHERE files = ?")
            .bind(files)
            .fetch_optional(&self.pool)
            .await?;
        record.map(|record| record.parse().map_err(|_| StoreError::Damaged)).transpose()
    }

    /// Keeps which record these files became.
    pub(crate) async fn keep_record(&self, files: &str, record: RecordId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO records (files, record) VALUES (?, ?)
             ON CONFLICT (files) DO UPDATE SET record = excluded.record",
        )
        .bind(files)
        .bind(record.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that a question is asked, and says for the how manieth time on purpose: a question that was not answered
    /// is the same time again, and so is one that was, unless `anew`.
    pub(crate) async fn ask(&self, question: &Question, anew: bool) -> Result<u32, StoreError> {
        let asked = sqlx::query_scalar(
            "INSERT INTO requests (question, asked, answered) VALUES (?, 1, 0)
             ON CONFLICT (question) DO UPDATE
             SET asked = asked + (answered AND ?), answered = answered AND NOT ?
             RETURNING asked",
        )
        .bind(&question.0)
        .bind(anew)
        .bind(anew)
        .fetch_one(&self.pool)
        .await?;
        Ok(asked)
    }

    /// Notes that the answer reached the user.
    pub(crate) async fn answered(&self, question: &Question) -> Result<(), StoreError> {
        sqlx::query("UPDATE requests SET answered = 1 WHERE question = ?")
            .bind(&question.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
