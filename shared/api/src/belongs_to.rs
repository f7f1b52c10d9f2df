//! What a sealed text says it belongs to: the associated data of [`crate::seal`]. Ids stand as simple hexadecimal UUIDs.

use crate::{AnalysisId, DocumentId, JobId, RecordId};

/// A page's content.
#[must_use]
pub fn page(document: DocumentId, number: u32) -> String {
    format!("page/{}/{number}", document.uuid().simple())
}

/// A record's title.
#[must_use]
pub fn record_title(record: RecordId) -> String {
    format!("record/{}/title", record.uuid().simple())
}

/// A document's file name.
#[must_use]
pub fn document_name(document: DocumentId) -> String {
    format!("document/{}/name", document.uuid().simple())
}

/// A job's focus.
#[must_use]
pub fn job_focus(job: JobId) -> String {
    format!("job/{}/focus", job.uuid().simple())
}

/// An analysis.
#[must_use]
pub fn analysis(analysis: AnalysisId) -> String {
    format!("analysis/{}", analysis.uuid().simple())
}

/// A document's original; also what its key is derived for from the clinic's.
#[must_use]
pub fn original(document: DocumentId) -> String {
    format!("original/{}", document.uuid().simple())
}
