//! What stands on reports besides their content, and the reports that were signed, as the cloud last said.

use maneiro_api::{
    RecordId,
    branding::{ClinicLetterhead, OwnSignature},
    signature::{ReportSignature, SignedContent},
};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::Row as _;

use super::{database::Store, error::StoreError};

const ZSTD_LEVEL: i32 = 3;

/// Bounds what a damaged row can cost.
const MAX_CONTENT_BYTES: usize = 256 * 1024 * 1024;

const LETTERHEAD: &str = "letterhead";
const OWN_SIGNATURE: &str = "own_signature";

/// A signature of a report of a record, with the record's id in the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptSignature {
    pub(crate) cloud_id: RecordId,
    pub(crate) signature: ReportSignature,
}

impl Store {
    /// The clinic's letterhead; `None` if the cloud was never asked for it.
    pub(crate) async fn letterhead(&self) -> Result<Option<ClinicLetterhead>, StoreError> {
        self.branding(LETTERHEAD).await
    }

    pub(crate) async fn save_letterhead(&self, letterhead: &ClinicLetterhead) -> Result<(), StoreError> {
        self.save_branding(LETTERHEAD, letterhead).await
    }

    /// The member's own signature; `None` if the cloud was never asked for it.
    pub(crate) async fn own_signature(&self) -> Result<Option<OwnSignature>, StoreError> {
        self.branding(OWN_SIGNATURE).await
    }

    pub(crate) async fn save_own_signature(&self, signature: &OwnSignature) -> Result<(), StoreError> {
        self.save_branding(OWN_SIGNATURE, signature).await
    }

    async fn branding<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let content: Option<String> = sqlx::query_scalar("SELECT content FROM branding WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        content.as_deref().map(serde_json::from_str).transpose().map_err(|_| StoreError::Damaged)
    }

    async fn save_branding<T: Serialize>(&self, name: &str, content: &T) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO branding (name, content) VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET content = excluded.content",
        )
        .bind(name)
        .bind(serde_json::to_string(content).expect("wire types have string keys only"))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The signatures of a record's reports, oldest first.
    pub(crate) async fn signatures(&self, record: RecordId) -> Result<Vec<KeptSignature>, StoreError> {
        let rows = sqlx::query("SELECT cloud_id, signature FROM signed_reports WHERE record_id = ?")
            .bind(record.to_string())
            .fetch_all(&self.pool)
            .await?;
        let kept = rows.iter().map(|row| {
            Ok(KeptSignature {
                cloud_id: row.get::<String, _>("cloud_id").parse().map_err(|_| StoreError::Damaged)?,
                signature: serde_json::from_str(row.get("signature")).map_err(|_| StoreError::Damaged)?,
            })
        });
        let mut kept: Vec<KeptSignature> = kept.collect::<Result<_, StoreError>>()?;
        kept.sort_by_key(|kept| (kept.signature.signed_at, kept.signature.version));
        Ok(kept)
    }

    /// Saves signatures; what was signed is fetched when it is shown.
    pub(crate) async fn save_signatures(
        &self,
        record: RecordId,
        cloud_id: RecordId,
        signatures: &[ReportSignature],
    ) -> Result<(), StoreError> {
        for signature in signatures {
            sqlx::query(
                "INSERT INTO signed_reports (record_id, cloud_id, version, signature) VALUES (?, ?, ?, ?)
                 ON CONFLICT (record_id, cloud_id, version) DO UPDATE SET signature = excluded.signature",
            )
            .bind(record.to_string())
            .bind(cloud_id.to_string())
            .bind(signature.version)
            .bind(serde_json::to_string(signature).expect("a signature has string keys only"))
            .execute(&self.pool)
            .await?;
        }
        Ok(())
    }

    /// What was signed; `None` if it was not fetched.
    pub(crate) async fn signed_content(
        &self,
        record: RecordId,
        kept: &KeptSignature,
    ) -> Result<Option<SignedContent>, StoreError> {
        let content: Option<Option<Vec<u8>>> = sqlx::query_scalar(
            "SELECT content FROM signed_reports WHERE record_id = ? AND cloud_id = ? AND version = ?",
        )
        .bind(record.to_string())
        .bind(kept.cloud_id.to_string())
        .bind(kept.signature.version)
        .fetch_optional(&self.pool)
        .await?;
        let Some(content) = content.flatten() else { return Ok(None) };
        let json = zstd::bulk::decompress(&content, MAX_CONTENT_BYTES).map_err(|_| StoreError::Damaged)?;
        serde_json::from_slice(&json).map(Some).map_err(|_| StoreError::Damaged)
    }

    pub(crate) async fn save_signed_content(
        &self,
        record: RecordId,
        kept: &KeptSignature,
        content: &SignedContent,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_vec(content).expect("wire types have string keys only");
        let content = zstd::bulk::compress(&json, ZSTD_LEVEL).expect("compressing into memory cannot fail");
        sqlx::query(
            "UPDATE signed_reports SET content = ? WHERE record_id = ? AND cloud_id = ? AND version = ?",
        )
        .bind(content)
        .bind(record.to_string())
        .bind(kept.cloud_id.to_string())
        .bind(kept.signature.version)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
