//! Signatures of reports. A signed report never changes: what is edited afterwards is another report, and may be signed as the
//! next version.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    AnalysisId, UserId,
    analysis::Analysis,
    branding::{ClinicLetterhead, SignerBlock},
    edit::Edit,
    report::{ReportForm, ReportOptions},
};

/// `POST /v1/analyses/{analysis}/signatures`: signs what the signer was shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignReport {
    /// The number of the last edit of the analysis that the signer has seen; 0 if there was none.
    pub revision: u32,
    /// What was chosen for the report.
    pub options: ReportOptions,
    /// The title of the report, 1 to 200 characters.
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub title: String,
    /// The analysis as readers left it at that revision.
    pub analysis: Analysis,
    /// The user's password. Required where the session has not been given it for 15 minutes.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::secret::expose_optional"
    )]
    #[schema(value_type = Option<String>, format = Password)]
    pub password: Option<SecretString>,
}

/// `GET /v1/records/{record}/signatures`: a signature of a report of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportSignature {
    /// Counts the signed reports of the record, from 1.
    pub version: u32,
    /// The analysis.
    pub analysis: AnalysisId,
    /// The number of the last edit that is part of the report.
    pub revision: u32,
    /// The form of the report.
    pub form: ReportForm,
    /// The user who signed it.
    pub signer: UserId,
    /// The user's name; absent once the user was removed.
    pub signer_name: Option<String>,
    /// When it was signed.
    #[serde(with = "time::serde::rfc3339")]
    pub signed_at: OffsetDateTime,
    /// SHA-256 of the report's content as JSON, in hexadecimal digits.
    pub sha256: String,
}

/// What was signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignedContent {
    /// The title of the report.
    pub title: String,
    /// What was chosen for the report: it is drawn by this whenever it is drawn.
    pub options: ReportOptions,
    /// The clinic's letterhead as it was; absent on a plain report.
    pub letterhead: Option<ClinicLetterhead>,
    /// The signer's block as it was.
    pub block: SignerBlock,
    /// The analysis as readers had left it.
    pub analysis: Analysis,
}

/// `GET /v1/records/{record}/signatures/{version}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignedReport {
    /// Who signed it and when.
    pub signature: ReportSignature,
    /// What was signed.
    pub content: SignedContent,
}

/// A report that is not signed, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DraftReport {
    /// The title of the report.
    pub title: String,
    /// What was chosen for the report. The analysis is whole, also where sections are left out of the pages.
    pub options: ReportOptions,
    /// The analysis as readers have left it.
    pub analysis: Analysis,
}

/// A report as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ReportFile {
    /// With who signed it and when.
    Signed(Box<SignedReport>),
    /// Not signed.
    Draft(Box<DraftReport>),
}

/// What `GET /v1/analyses/{analysis}/edits/events` tells of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub enum AnalysisEvent {
    /// `event: edit`.
    Edit(Edit),
    /// `event: signature`: a report of the record was signed.
    Signature(ReportSignature),
}
