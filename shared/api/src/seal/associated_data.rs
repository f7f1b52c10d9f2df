//! What sealed data is bound to: the associated data (RFC 5116) of every use of [`crate::seal`]. Ids are written as simple
//! hexadecimal UUIDs.

use crate::{AnalysisId, DocumentId, EditId, JobId, ObjectId, OrgId, RecordId, UserId};

/// For a version of the data key of a clinic, wrapped under the master key.
#[must_use]
pub fn organization_key(org: OrgId, version: u32) -> String {
    format!("organization/{}/key/{version}", org.uuid().simple())
}

/// For the secret of a user's authenticator, sealed under the master key.
#[must_use]
pub fn second_factor(user: UserId) -> String {
    format!("user/{}/second-factor", user.uuid().simple())
}

/// For the content of a page, in one of its versions, so that an older one cannot be put in the place of a newer one.
#[must_use]
pub fn page(document: DocumentId, number: u32, version: ObjectId) -> String {
    format!("page/{}/{number}/{}", document.uuid().simple(), version.uuid().simple())
}

/// For the title of a record.
#[must_use]
pub fn record_title(record: RecordId) -> String {
    format!("record/{}/title", record.uuid().simple())
}

/// For what a clinic noted of a record's patient and case.
#[must_use]
pub fn record_fields(record: RecordId) -> String {
    format!("record/{}/fields", record.uuid().simple())
}

/// For the file name of a document.
#[must_use]
pub fn document_name(document: DocumentId) -> String {
    format!("document/{}/name", document.uuid().simple())
}

/// For what a job was requested to look at.
#[must_use]
pub fn job_request(job: JobId) -> String {
    format!("job/{}/request", job.uuid().simple())
}

/// For an answer of the language model to a request of a job, which the hexadecimal MAC tells apart.
#[must_use]
pub fn model_answer(job: JobId, request_mac: &str) -> String {
    format!("job/{}/model-answer/{request_mac}", job.uuid().simple())
}

/// For an analysis.
#[must_use]
pub fn analysis(analysis: AnalysisId) -> String {
    format!("analysis/{}", analysis.uuid().simple())
}

/// For an edit of an analysis, in its place of the list.
#[must_use]
pub fn edit(analysis: AnalysisId, number: u32, edit: EditId) -> String {
    format!("analysis/{}/edit/{number}/{}", analysis.uuid().simple(), edit.uuid().simple())
}

/// For the letterhead of a clinic.
#[must_use]
pub fn letterhead(org: OrgId) -> String {
    format!("organization/{}/letterhead", org.uuid().simple())
}

/// For the signature block of a member.
#[must_use]
pub fn signature_block(org: OrgId, user: UserId) -> String {
    format!("organization/{}/signature-block/{}", org.uuid().simple(), user.uuid().simple())
}

/// For a signed report, in its version, so that no other one can be put in its place.
#[must_use]
pub fn signed_report(record: RecordId, version: u32) -> String {
    format!("record/{}/signed-report/{version}", record.uuid().simple())
}

/// For the original of a document. Its key is derived from the clinic's key with the same text.
#[must_use]
pub fn original(document: DocumentId) -> String {
    format!("original/{}", document.uuid().simple())
}
