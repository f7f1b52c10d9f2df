//! The analysis as it is reviewed: statements, what they rest on, and every change with its author.

pub use maneiro_api::edit::StatementSection;
use maneiro_api::{
    AnalysisId, DocumentId, JobId, RecordId,
    analysis::{Assertion, ExpectedTopic, Generator, LabFlag, ModelFailure},
    job::{JobErrorCode, JobState},
};
use maneiro_page::BBox;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    common::{CalendarDay, Timestamp},
    pages::{NotUnderstood, WordRange},
    records::{EncounterRow, RecordFields},
};

/// Where quoted words stand. A quote over two pages has two places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "Place")]
pub struct QuotePlace {
    /// Number in the record, from 1.
    pub page: u32,
    pub document: DocumentId,
    /// The part of the quote that stands on this page.
    pub quote: String,
    /// One per line; empty if the quote was not found on the page.
    pub boxes: Vec<BBox>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "Citation")]
pub struct ReviewCitation {
    pub quote: String,
    pub places: Vec<QuotePlace>,
    /// Mean confidence of the quoted words in percent; null if not found.
    pub confidence: Option<u32>,
    /// Chosen by a reader, not by the analyser.
    pub chosen_by_reader: bool,
}

/// What the sections show beside the words; all as written on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct StatementDetails {
    pub name: Option<String>,
    pub value: Option<String>,
    pub unit: Option<String>,
    pub reference_range: Option<String>,
    pub flag: Option<LabFlag>,
    pub date: Option<CalendarDay>,
    /// For `family`: whose, such as `father`.
    pub relation: Option<String>,
    /// The code of the name with its list, such as `ICD-10-CM I10`.
    pub code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    Open,
    Accepted,
    Rejected,
}

/// Another version of the words of a statement, made elsewhere at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Version")]
pub struct StatementVersion {
    pub text: String,
    pub author: String,
    pub mine: bool,
    pub at: Timestamp,
}

/// Two edits of the same words; both stay until somebody chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EditConflict {
    pub mine: StatementVersion,
    pub theirs: StatementVersion,
    pub base: String,
}

/// Words of a text that were read badly: start and end in UTF-16 units, confidence in percent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WeakWord {
    pub start: u32,
    pub end: u32,
    pub confidence: u32,
}

/// Who last changed a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LastChange {
    pub author: String,
    pub mine: bool,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "Statement")]
pub struct ReviewStatement {
    #[ts(type = "StatementId")]
    pub id: String,
    pub section: StatementSection,
    pub text: String,
    /// The words before the first edit; null if never edited or added by hand.
    pub text_before: Option<String>,
    pub assertion: Assertion,
    pub citations: Vec<ReviewCitation>,
    /// Every quote was found on its page.
    pub verified: bool,
    /// Sense, dose, value, unit and date were recomputed from the quote and agree.
    pub checked: bool,
    /// It stands among two places that disagree.
    pub in_conflict: bool,
    /// A language model made the analysis and left this out, which the built-in analyser found.
    pub also_in_record: bool,
    pub weak_words: Vec<WeakWord>,
    pub details: StatementDetails,
    pub state: ReviewState,
    pub added_by_hand: bool,
    pub changed: Option<LastChange>,
    pub versions: Option<EditConflict>,
    /// Not in the result before this one.
    pub is_new: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnusedPageReason {
    Blank,
    Duplicate,
    Failed,
    NothingClinical,
    OutsideWindow,
}

/// A page that no statement rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct UnusedPage {
    pub page: u32,
    pub reason: UnusedPageReason,
    pub kind: Option<String>,
}

/// A line that was read but not understood, or a region that was not read: then it has no text.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct UnusedLine {
    pub page: u32,
    pub bbox: BBox,
    pub text: String,
    pub confidence: u32,
    pub reason: NotUnderstood,
}

/// The run that goes on, or the last one if it failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Run")]
pub struct AnalysisRun {
    pub job: JobId,
    pub state: JobState,
    pub pages_done: u32,
    pub pages_total: u32,
    pub seconds_left: Option<u32>,
    pub error: Option<JobErrorCode>,
}

/// The days that an analysis is limited to, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "DateWindow")]
pub struct AnalysisWindow {
    pub from: Option<CalendarDay>,
    pub to: Option<CalendarDay>,
}

/// What undo and redo would do; null if there is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
pub struct UndoState {
    pub undo: Option<ChangeKind>,
    pub redo: Option<ChangeKind>,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Review {
    pub analysis: AnalysisId,
    pub generated_at: Timestamp,
    pub generator: Generator,
    pub focus: Option<String>,
    pub window: Option<AnalysisWindow>,
    /// Why a language model made nothing of it, or only a part: then the built-in analyser's result stands.
    pub model_failure: Option<ModelFailure>,
    pub statements: Vec<ReviewStatement>,
    /// What the language model found stated on no page.
    pub not_stated: Vec<ExpectedTopic>,
    pub unused_pages: Vec<UnusedPage>,
    /// In page order; a long record has more than are listed.
    pub unused_lines: Vec<UnusedLine>,
    /// How many there are.
    pub unused_line_count: u32,
    pub undo: UndoState,
    /// A newer result is there and can be shown.
    pub newer: Option<AnalysisId>,
}

/// What happened to the files since the result was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
pub struct ChangedPages {
    pub pages_added: u32,
    pub pages_removed: u32,
}

/// A record as Review opens it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ReviewRecord {
    pub record: RecordId,
    pub title: String,
    pub fields: RecordFields,
    pub encounters: Vec<EncounterRow>,
    /// Null until the first result.
    pub review: Option<Review>,
    pub run: Option<AnalysisRun>,
    pub files_changed: ChangedPages,
    pub waits_for_network: bool,
    /// Whether this member may change statements.
    pub may_edit: bool,
}

/// A change of the statements by a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "change", rename_all = "snake_case")]
#[ts(rename = "Change")]
pub enum ReviewChange {
    Accept {
        #[ts(type = "StatementId")]
        statement: String,
    },
    /// Takes a statement that was added by hand away altogether.
    Reject {
        #[ts(type = "StatementId")]
        statement: String,
    },
    /// Back to not looked at.
    Reopen {
        #[ts(type = "StatementId")]
        statement: String,
    },
    Edit {
        #[ts(type = "StatementId")]
        statement: String,
        text: String,
        section: StatementSection,
    },
    Add {
        section: StatementSection,
        text: String,
        assertion: Assertion,
        words: Vec<WordRange>,
    },
    AddQuote {
        #[ts(type = "StatementId")]
        statement: String,
        words: Vec<WordRange>,
    },
    KeepMine {
        #[ts(type = "StatementId")]
        statement: String,
    },
    KeepTheirs {
        #[ts(type = "StatementId")]
        statement: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Accept,
    Reject,
    Reopen,
    Edit,
    Add,
    AddQuote,
    KeepMine,
    KeepTheirs,
}

impl ReviewChange {
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::Accept { .. } => ChangeKind::Accept,
            Self::Reject { .. } => ChangeKind::Reject,
            Self::Reopen { .. } => ChangeKind::Reopen,
            Self::Edit { .. } => ChangeKind::Edit,
            Self::Add { .. } => ChangeKind::Add,
            Self::AddQuote { .. } => ChangeKind::AddQuote,
            Self::KeepMine { .. } => ChangeKind::KeepMine,
            Self::KeepTheirs { .. } => ChangeKind::KeepTheirs,
        }
    }

    /// The statement that it changes; none for one that it adds.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        match self {
            Self::Accept { statement }
            | Self::Reject { statement }
            | Self::Reopen { statement }
            | Self::Edit { statement, .. }
            | Self::AddQuote { statement, .. }
            | Self::KeepMine { statement }
            | Self::KeepTheirs { statement } => Some(statement),
            Self::Add { .. } => None,
        }
    }
}

/// What a change did: the statements that are different now; one that comes back says so by not being known.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "Changed")]
pub struct ChangeOutcome {
    pub statements: Vec<ReviewStatement>,
    #[ts(type = "StatementId[]")]
    pub removed: Vec<String>,
    pub undo: UndoState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HistoryKind {
    Accept,
    Reject,
    Reopen,
    Edit,
    Add,
    AddQuote,
    KeepMine,
    KeepTheirs,
    Undo,
    Redo,
    Run,
}

impl From<ChangeKind> for HistoryKind {
    fn from(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Accept => Self::Accept,
            ChangeKind::Reject => Self::Reject,
            ChangeKind::Reopen => Self::Reopen,
            ChangeKind::Edit => Self::Edit,
            ChangeKind::Add => Self::Add,
            ChangeKind::AddQuote => Self::AddQuote,
            ChangeKind::KeepMine => Self::KeepMine,
            ChangeKind::KeepTheirs => Self::KeepTheirs,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HistoryEntry {
    pub id: String,
    pub at: Timestamp,
    pub author: String,
    pub mine: bool,
    pub change: HistoryKind,
    #[ts(type = "StatementId | null")]
    pub statement: Option<String>,
    pub before: Option<String>,
    pub after: Option<String>,
}
