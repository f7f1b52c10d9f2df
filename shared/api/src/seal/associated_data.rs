//! What sealed data is bound to: the associated data (RFC 5116) of every use of [`crate::seal`]. Ids are written as simple
//! hexadecimal UUIDs.

use crate::{AnalysisId, DocumentId, JobId, OrgId, RecordId};

/// For the data key of a clinic, wrapped under the master key.
#[must_use]
pub fn organization_key(org: OrgId) -> String {
    format!("organization/{}/key", org.uuid().simple())
}

/// For the content of a page.
#[must_use]
pub fn page(document: DocumentId, number: u32) -> String {
    format!("page/{}/{number}", document.uuid().simple())
}

/// For the title of a record.
#[must_use]
pub fn record_title(record: RecordId) -> String {
    format!("record/{}/title", record.uuid().simple())
}

/// For the file name of a document.
#[must_use]
pub fn document_name(document: DocumentId) -> String {
    format!("document/{}/name", document.uuid().simple())
}

/// For the focus of a job.
#[must_use]
pub fn job_focus(job: JobId) -> String {
    format!("job/{}/focus", job.uuid().simple())
}

/// For an analysis.
#[must_use]
pub fn analysis(analysis: AnalysisId) -> String {
    format!("analysis/{}", analysis.uuid().simple())
}

/// For the original of a document. Its key is derived from the clinic's key with the same text.
#[must_use]
pub fn original(document: DocumentId) -> String {
    format!("original/{}", document.uuid().simple())
}
