//! Reports as they were signed, sealed. Appended, never changed.

use maneiro_api::{AnalysisId, RecordId, UserId, report::ReportForm, signature::ReportSignature};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx,
    enum_text::{from_text, to_text},
};
use crate::domain::error::Error;

struct SignatureRow {
    version: i32,
    analysis_id: Uuid,
    revision: i32,
    form: String,
    signer_id: Uuid,
    signer_name: Option<String>,
    signed_at: OffsetDateTime,
    sha256: Vec<u8>,
}

impl TryFrom<SignatureRow> for ReportSignature {
    type Error = Error;

    fn try_from(row: SignatureRow) -> Result<Self, Error> {
        Ok(Self {
            version: row.version.unsigned_abs(),
            analysis: AnalysisId::from_uuid(row.analysis_id),
            revision: row.revision.unsigned_abs(),
            form: from_text::<ReportForm>(&row.form)?,
            signer: UserId::from_uuid(row.signer_id),
            signer_name: row.signer_name,
            signed_at: row.signed_at,
            sha256: hex::encode(row.sha256),
        })
    }
}

/// The signatures of a record's reports, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(tx: &mut OrgTx, record: RecordId) -> Result<Vec<ReportSignature>, Error> {
    let rows = sqlx::query_as!(
        SignatureRow,
        r#"select s.version, s.analysis_id, s.revision, s.form, s.signer_id, u.name as "signer_name?", s.signed_at, s.sha256
           from maneiro.signed_reports s left join maneiro.users u on u.id = s.signer_id
           where s.record_id = $1 order by s.version desc"#,
        record.uuid(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(ReportSignature::try_from).collect()
}

/// The sealed content of a signed report; `None` if the record has no such version.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn content(tx: &mut OrgTx, record: RecordId, version: u32) -> Result<Option<Vec<u8>>, Error> {
    let Ok(version) = i32::try_from(version) else { return Ok(None) };
    Ok(sqlx::query_scalar!(
        "select content_sealed from maneiro.signed_reports where record_id = $1 and version = $2",
        record.uuid(),
        version,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Appends a signed report. The caller holds the lock of the record.
///
/// # Errors
/// `Internal` if the version is taken.
pub async fn insert(
    tx: &mut OrgTx,
    record: RecordId,
    signature: &ReportSignature,
    sha256: [u8; 32],
    content_sealed: &[u8],
) -> Result<(), Error> {
    let org = tx.org();
    sqlx::query!(
        "insert into maneiro.signed_reports (org_id, record_id, version, analysis_id, revision, form, signer_id, signed_at,
                                             sha256, content_sealed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        org,
        record.uuid(),
        i32::try_from(signature.version).map_err(Error::internal)?,
        signature.analysis.uuid(),
        i32::try_from(signature.revision).map_err(Error::internal)?,
        to_text(&signature.form),
        signature.signer.uuid(),
        signature.signed_at,
        &sha256,
        content_sealed,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
