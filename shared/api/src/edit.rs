//! Edits of an analysis: an append-only list of changes with author and time, numbered from 1. What is read of an analysis is
//! made of it and its edits each time; nothing is overwritten.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    EditId, UserId,
    analysis::{Assertion, Citation, ObservationKind},
};

/// Sections in display order; `summary` is what is most important.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "Section"))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the analysis")]
pub enum StatementSection {
    Summary,
    Conflicts,
    Problems,
    SignsSymptoms,
    Medications,
    Allergies,
    Vitals,
    Labs,
    Procedures,
    Imaging,
    SocialHistory,
    Immunizations,
    Directives,
    Timeline,
    FollowUps,
    Gaps,
}

impl StatementSection {
    /// The section that shows observations of a kind.
    #[must_use]
    pub const fn from_observation(kind: ObservationKind) -> Self {
        match kind {
            ObservationKind::CodeStatus | ObservationKind::GoalsOfCare | ObservationKind::Surrogate => {
                Self::Directives
            }
            ObservationKind::SocialHistory => Self::SocialHistory,
            ObservationKind::ExamFinding => Self::SignsSymptoms,
            ObservationKind::Device | ObservationKind::BloodProduct => Self::Procedures,
            ObservationKind::Vaccine => Self::Immunizations,
            ObservationKind::DischargeDiagnosis | ObservationKind::DischargeCondition => Self::Problems,
        }
    }
}

/// What a reader changed. Statements are named by `stm_` and 32 hexadecimal digits: those of the analysis by what they say
/// and cite, added ones as the client chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum EditChange {
    /// The statement is right.
    Accept {
        /// The statement.
        statement: String,
    },
    /// The statement is not to be reported.
    Reject {
        /// The statement.
        statement: String,
    },
    /// Nobody has looked at the statement.
    Reopen {
        /// The statement.
        statement: String,
    },
    /// Other words, or another section.
    Edit {
        /// The statement.
        statement: String,
        /// Its words from now on, 1 to 4,000 characters.
        text: String,
        /// Its section from now on.
        section: StatementSection,
    },
    /// A statement of the reader's own.
    Add {
        /// Its id, which no other statement of the analysis has.
        statement: String,
        /// Its section.
        section: StatementSection,
        /// Its words, 1 to 4,000 characters.
        text: String,
        /// Its assertion status.
        assertion: Assertion,
        /// The words of pages that it rests on.
        citations: Vec<Citation>,
    },
    /// More words of pages that the statement rests on.
    AddQuote {
        /// The statement.
        statement: String,
        /// The words.
        citations: Vec<Citation>,
    },
    /// Takes an edit back: the statement is as without it.
    Undo {
        /// The edit.
        edit: EditId,
    },
    /// Makes an edit again that was taken back.
    Redo {
        /// The edit.
        edit: EditId,
    },
}

impl EditChange {
    /// The statement that it names; none if it names another edit.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        match self {
            Self::Accept { statement }
            | Self::Reject { statement }
            | Self::Reopen { statement }
            | Self::Edit { statement, .. }
            | Self::Add { statement, .. }
            | Self::AddQuote { statement, .. } => Some(statement),
            Self::Undo { .. } | Self::Redo { .. } => None,
        }
    }

    /// The edit that it takes back or makes again.
    #[must_use]
    pub const fn edit(&self) -> Option<EditId> {
        match self {
            Self::Undo { edit } | Self::Redo { edit } => Some(*edit),
            Self::Accept { .. }
            | Self::Reject { .. }
            | Self::Reopen { .. }
            | Self::Edit { .. }
            | Self::Add { .. }
            | Self::AddQuote { .. } => None,
        }
    }

    /// The words of pages that it adds.
    #[must_use]
    pub fn citations(&self) -> &[Citation] {
        match self {
            Self::Add { citations, .. } | Self::AddQuote { citations, .. } => citations,
            Self::Accept { .. }
            | Self::Reject { .. }
            | Self::Reopen { .. }
            | Self::Edit { .. }
            | Self::Undo { .. }
            | Self::Redo { .. } => &[],
        }
    }
}

/// An edit as a client makes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewEdit {
    /// Chosen by the client: sent again, it is the same edit.
    pub id: EditId,
    /// What it changes.
    #[serde(flatten)]
    pub change: EditChange,
}

/// `POST /v1/analyses/{analysis}/edits`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppendEdits {
    /// The number of the last edit that these were made after; 0 if there was none.
    pub seen: u32,
    /// 1 to 100 edits, in their order.
    #[schema(min_items = 1, max_items = 100)]
    pub edits: Vec<NewEdit>,
}

/// Who made an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditAuthor {
    /// The user.
    pub id: UserId,
    /// The user's name; absent once the user was removed.
    pub name: Option<String>,
}

/// An edit as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Edit {
    /// Its place in the list of the analysis, from 1.
    pub number: u32,
    /// Its id.
    pub id: EditId,
    /// Who made it.
    pub author: EditAuthor,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What it changes.
    #[serde(flatten)]
    pub change: EditChange,
}

/// An edit that was not stored, because others, which its author had not seen, change the same statement otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictingEdit {
    /// The refused edit.
    pub edit: EditId,
    /// The numbers of the others. They are among the edits of the response.
    pub others: Vec<u32>,
}

/// What became of edits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AppendedEdits {
    /// All edits after `seen`, the new ones and those of others, in their order.
    pub edits: Vec<Edit>,
    /// Those that were not stored. Sent again after the others were seen, they are.
    pub conflicts: Vec<ConflictingEdit>,
}
