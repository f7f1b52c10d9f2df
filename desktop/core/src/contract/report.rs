//! The report: its pages as they will print, signing, saving and printing.

pub use maneiro_api::report::{PaperSize, ReportForm, ReportLanguage, ReportOptions};
use maneiro_page::BBox;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{common::Timestamp, review::StatementSection};

/// Changes of some options; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ReportOptionChanges {
    pub form: Option<ReportForm>,
    pub language: Option<ReportLanguage>,
    pub recipient: Option<String>,
    #[serde(deserialize_with = "present")]
    pub sections: Option<Option<Vec<StatementSection>>>,
    pub paper: Option<PaperSize>,
    pub letterhead: Option<bool>,
}

fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Vec<StatementSection>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ReportOptionChanges {
    pub(crate) fn apply(self, options: ReportOptions) -> ReportOptions {
        ReportOptions {
            form: self.form.unwrap_or(options.form),
            language: self.language.unwrap_or(options.language),
            recipient: self.recipient.unwrap_or(options.recipient),
            sections: self.sections.unwrap_or(options.sections),
            paper: self.paper.unwrap_or(options.paper),
            letterhead: self.letterhead.unwrap_or(options.letterhead),
        }
    }
}

/// A page reference that leads to a page of the record.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ReportLink {
    pub bbox: BBox,
    pub page: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ReportPage {
    pub width: f32,
    pub height: f32,
    pub links: Vec<ReportLink>,
}

/// Facts that the signer should know; none of them bars signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct BeforeSigning {
    pub statements: u32,
    pub not_looked_at: u32,
    /// Printed as conflicts.
    pub conflicts: u32,
    /// Not found on their pages, and so left out.
    pub left_out: u32,
}

/// The block below a signature, as it will print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PrintedBlock {
    pub name: String,
    pub line: String,
    pub licence: String,
    pub has_picture: bool,
}

/// How many pages each form has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct FormPages {
    pub short_letter: u32,
    pub full_review: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignedVersion {
    pub version: u32,
    pub signed_at: Timestamp,
    pub signer: String,
    pub form: ReportForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SigningBar {
    NotASigner,
    NoBlock,
    ReadOnly,
    NoAnalysis,
}

/// Why this member cannot sign, and who can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SigningRight {
    pub allowed: bool,
    pub reason: Option<SigningBar>,
    pub signers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ReportPreview {
    /// Names the pages for the page protocol: `{page_base}/report/{preview}/{page}?w={pixels}`.
    pub preview: String,
    /// The signed version it shows; null for the draft.
    pub version: Option<u32>,
    pub options: ReportOptions,
    pub drawn_at: Timestamp,
    pub pages: Vec<ReportPage>,
    pub form_pages: FormPages,
    pub before_signing: BeforeSigning,
    pub block: Option<PrintedBlock>,
    pub clinic: String,
    /// Versions that were signed, newest first.
    pub signed: Vec<SignedVersion>,
    pub sign: SigningRight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ReportFormat")]
pub enum SavedReportFormat {
    Pdf,
    Markdown,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PrintPath {
    Dialog,
    Viewer,
}

/// How the PDF was handed to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct PrintOutcome {
    pub how: PrintPath,
}

/// A file that was saved where the user chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SavedFile {
    pub name: String,
}
