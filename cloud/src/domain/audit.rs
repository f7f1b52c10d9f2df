//! What the audit log records. Ids, counts and codes only; never patient data.

use std::net::IpAddr;

use maneiro_api::{AuditEventId, OrgId, RequestId, SessionId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::actor::{Actor, OrgActor, RequestOrigin};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    ClinicRegistered,
    /// A clinic got a new key.
    ClinicKeyRotated,
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
            Self::ClinicKeyRotated => "clinic_key.rotated",
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

/// Who did something: from where, with which session, in which clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditActor {
    /// The clinic, if it is known by now.
    pub org: Option<OrgId>,
    /// `member`, `job`, `anonymous` or `operator`.
    pub kind: &'static str,
    /// The user or the job, if known.
    pub id: Option<Uuid>,
    /// The member whose rights an operator used.
    pub acting_as: Option<UserId>,
    pub session: Option<SessionId>,
    pub request: Option<RequestId>,
    pub address: Option<IpAddr>,
}

impl AuditActor {
    /// A command on the server.
    pub const SERVER: Self = Self {
        org: None,
        kind: "operator",
        id: None,
        acting_as: None,
        session: None,
        request: None,
        address: None,
    };

    /// Somebody who has not signed in; `org` is the clinic they tried, if it is known.
    #[must_use]
    pub const fn anonymous(org: Option<OrgId>, origin: &RequestOrigin) -> Self {
        let (request, address) = (Some(origin.request), origin.address);
        Self { org, kind: "anonymous", request, address, ..Self::SERVER }
    }

    /// A member who has just proved who they are.
    #[must_use]
    pub const fn member(org: OrgId, user: UserId, session: SessionId, origin: &RequestOrigin) -> Self {
        let (id, session) = (Some(user.uuid()), Some(session));
        Self { kind: "member", id, session, ..Self::anonymous(Some(org), origin) }
    }

    /// The actor of a clinic.
    #[must_use]
    pub fn from_org_actor(who: &OrgActor) -> Self {
        let (kind, id) = (who.actor().kind(), Some(who.actor().id()));
        let session = match who.actor() {
            Actor::Member { session, .. } => Some(session),
            Actor::Job { .. } | Actor::Task { .. } => None,
        };
        let (request, address) =
            who.origin().map_or((None, None), |origin| (Some(origin.request), origin.address));
        Self { org: Some(who.org()), kind, id, acting_as: None, session, request, address }
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
