//! What the audit log records. Ids, counts and codes only; never patient data.

use maneiro_api::AuditEventId;
use time::OffsetDateTime;
use uuid::Uuid;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    ClinicRegistered,
    LoginSucceeded,
    LoginFailed,
    SessionEnded,
    RecordCreated,
    DocumentAdded,
    PagesStored,
    OriginalStored,
    PageRead,
    JobCreated,
    JobRetried,
    JobCompleted,
    /// A job ended in error, after its last attempt.
    JobFailed,
    JobCancelled,
    AnalysisRead,
    ReportCreated,
    OperatorGranted,
}

impl AuditAction {
    /// The name in the log, as noun and verb. Events are kept for years: add names, never change one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClinicRegistered => "clinic.registered",
            Self::LoginSucceeded => "login.succeeded",
            Self::LoginFailed => "login.failed",
            Self::SessionEnded => "session.ended",
            Self::RecordCreated => "record.created",
            Self::DocumentAdded => "document.added",
            Self::PagesStored => "pages.stored",
            Self::OriginalStored => "original.stored",
            Self::PageRead => "page.read",
            Self::JobCreated => "job.created",
            Self::JobRetried => "job.retried",
            Self::JobCompleted => "job.completed",
            Self::JobFailed => "job.failed",
            Self::JobCancelled => "job.cancelled",
            Self::AnalysisRead => "analysis.read",
            Self::ReportCreated => "report.created",
            Self::OperatorGranted => "operator.granted",
        }
    }
}

/// One event of the audit log. The transaction that stores it adds the actor.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    pub id: AuditEventId,
    pub occurred_at: OffsetDateTime,
    pub action: AuditAction,
    /// What it was done to.
    pub subject: Option<Uuid>,
    /// Counts and codes.
    pub details: serde_json::Value,
}

impl AuditEvent {
    #[must_use]
    pub fn with_details(self, details: serde_json::Value) -> Self {
        Self { details, ..self }
    }
}
