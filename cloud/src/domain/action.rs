//! What a member can ask for over HTTP, and which roles may. Each route names one of these.

use maneiro_api::account::Role;

/// Something a member does. Its name is part of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See who one is and what is left of the plan.
    ReadMe,
    /// End the own session.
    EndSession,
    /// Make a record.
    CreateRecord,
    /// See records and what documents they have.
    ReadRecord,
    /// Add a document to a record, its pages and its original.
    AddDocument,
    /// Read a page's content.
    ReadPage,
    /// Ask for an analysis, also again.
    CreateJob,
    /// See jobs and how far they are.
    ReadJob,
    /// End a job.
    CancelJob,
    /// Read an analysis.
    ReadAnalysis,
    /// Make a report, which leaves the clinic.
    MakeReport,
}

impl Action {
    /// Whether members of `role` may. An assistant prepares everything for a doctor, but hands nothing out.
    #[must_use]
    pub const fn is_open_to(self, role: Role) -> bool {
        match self {
            Self::ReadMe
            | Self::EndSession
            | Self::CreateRecord
            | Self::ReadRecord
            | Self::AddDocument
            | Self::ReadPage
            | Self::CreateJob
            | Self::ReadJob
            | Self::CancelJob
            | Self::ReadAnalysis => match role {
                Role::Admin | Role::Doctor | Role::Assistant => true,
            },
            Self::MakeReport => match role {
                Role::Admin | Role::Doctor => true,
                Role::Assistant => false,
            },
        }
    }
}
