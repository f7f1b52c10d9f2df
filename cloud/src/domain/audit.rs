//! What the audit log records. Ids, counts and codes only; never patient data.

use maneiro_api::AuditEventId;
use time::OffsetDateTime;
use uuid::Uuid;

/// What was done, as the audit log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// A clinic was registered.
    ClinicRegistered,
    /// A person signed in.
    LoginSucceeded,
    /// A sign-in was refused.
    LoginFailed,
    /// A person signed out.
    LoggedOut,
    /// A record was made.
    RecordCreated,
    /// A document was added to a record.
    DocumentAdded,
    /// Pages of a document arrived.
    PagesStored,
    /// A document's original arrived.
    OriginalStored,
    /// The content of a page was read.
    PageRead,
    /// An analysis was asked for.
    JobCreated,
    /// A job that had ended was put back into the queue.
    JobRetried,
    /// A job's analysis was recorded.
    JobCompleted,
    /// A job was given up.
    JobFailed,
    /// A job was ended by a member.
    JobCancelled,
    /// An analysis was read.
    AnalysisRead,
    /// A report was made.
    ReportMade,
    /// A person was let run the platform.
    OperatorGranted,
}

impl Deed {
    /// The name in the log. Names are kept for years: add, never rename.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClinicRegistered => "clinic.registered",
            Self::LoginSucceeded => "login.succeeded",
            Self::LoginFailed => "login.failed",
            Self::LoggedOut => "logged_out",
            Self::RecordCreated => "record.created",
            Self::DocumentAdded => "document.added",
            Self::PagesStored => "document.pages_stored",
            Self::OriginalStored => "document.original_stored",
            Self::PageRead => "page.read",
            Self::JobCreated => "job.created",
            Self::JobRetried => "job.retried",
            Self::JobCompleted => "job.completed",
            Self::JobFailed => "job.failed",
            Self::JobCancelled => "job.cancelled",
            Self::AnalysisRead => "analysis.read",
            Self::ReportMade => "report.made",
            Self::OperatorGranted => "operator.granted",
        }
    }
}

/// One line of the audit log. Who did it is added by the transaction it is written in.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub at: OffsetDateTime,
    /// What was done.
    pub deed: Deed,
    /// What it was done to.
    pub subject: Option<Uuid>,
    /// Counts and codes.
    pub details: serde_json::Value,
}

impl Event {
    /// Adds counts and codes.
    #[must_use]
    pub fn with(self, details: serde_json::Value) -> Self {
        Self { details, ..self }
    }
}
