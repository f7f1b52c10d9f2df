//! What a member can request over HTTP, and which roles may. Each route names one of these.

use maneiro_api::account::Role;

/// Something a member does. Its name is part of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read the own account and what is left of the clinic's plan.
    ReadCurrentUser,
    EndSession,
    CreateRecord,
    /// Read records and the list of their documents.
    ReadRecord,
    /// Add a document to a record, with its pages and its original.
    AddDocument,
    ReadPage,
    /// Request an analysis or retry a job.
    CreateJob,
    ReadJob,
    CancelJob,
    ReadAnalysis,
    /// Create a report, which leaves the clinic.
    CreateReport,
}

impl Action {
    /// Whether members of `role` may. An assistant prepares everything for a doctor, but hands nothing out.
    #[must_use]
    pub const fn is_permitted_for(self, role: Role) -> bool {
        match self {
            Self::ReadCurrentUser
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
            Self::CreateReport => match role {
                Role::Admin | Role::Doctor => true,
                Role::Assistant => false,
            },
        }
    }
}
