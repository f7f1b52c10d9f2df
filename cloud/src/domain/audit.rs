//! What the audit log records. Ids, counts and codes only; never patient data.

use std::net::IpAddr;

use maneiro_api::{AuditEventId, OrgId, RequestId, SessionId, UserId};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    actor::{OperatorActor, OrgActor, RequestOrigin},
    canonical_form::{encode_fields, encode_json},
};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    ClinicRegistered,
    /// A clinic got a new key.
    ClinicKeyRotated,
    LoginSucceeded,
    LoginFailed,
    PasswordChanged,
    /// The current password that was given was wrong.
    PasswordChangeFailed,
    /// It was set with a mailed code.
    PasswordReset,
    /// The password that something asked for again was wrong.
    PasswordCheckFailed,
    EmailChangeRequested,
    EmailChanged,
    AccountClosed,
    /// Accounts of another system became members of a clinic.
    UsersImported,
    /// An authenticator was shown its secret.
    SecondFactorIssued,
    /// A first code of it was given: it is asked for from now on.
    SecondFactorEnrolled,
    SecondFactorProved,
    /// The code that was given is none, or was used before.
    SecondFactorFailed,
    SecondFactorRemoved,
    /// By the administrator of the server.
    SecondFactorReset,
    RecoveryCodesReplaced,
    SessionEnded,
    /// Several sessions of one user ended at once.
    SessionsEnded,
    SupportSessionStarted,
    /// A session began in place of one in another clinic.
    ClinicSwitched,
    InvitationSent,
    InvitationRevoked,
    InvitationAccepted,
    /// The role of a member, or whether they sign.
    MemberUpdated,
    MemberRemoved,
    /// What the clinic requires and permits.
    PolicyChanged,
    RecordCreated,
    /// A list of records with their titles and the names of their files.
    RecordsListed,
    RecordRead,
    /// Its title or fields.
    RecordUpdated,
    /// A worker loaded all pages of a record, for an analysis.
    RecordLoaded,
    /// Pages of a record go to a language model's host.
    RecordDisclosed,
    DocumentAdded,
    DocumentRead,
    RecordDeleted,
    /// The retention of a record ended.
    RecordExpired,
    RecordPurged,
    PagesStored,
    /// A member received the key of a document's original.
    OriginalKeyIssued,
    /// A member received a URL to upload a document's original to.
    OriginalUploadIssued,
    OriginalStored,
    PageRead,
    JobCreated,
    /// A list of jobs with what each is to look at.
    JobsListed,
    JobRead,
    /// A job was read, and each of its changes from then on.
    JobWatched,
    JobRetried,
    JobCompleted,
    /// A job ended in error, after its last attempt.
    JobFailed,
    JobCancelled,
    AnalysisRead,
    /// Readers changed statements.
    AnalysisEdited,
    EditsRead,
    /// Edits were read, and each later one from then on.
    EditsWatched,
    ReportCreated,
    ReportSigned,
    SignedReportRead,
    /// The clinic's name, or the head of its reports.
    LetterheadChanged,
    /// What stands below a member's signature.
    SignatureBlockChanged,
    OperatorGranted,
    OperatorRevoked,
    TaskRetried,
    TaskDropped,
    /// A plan is to be bought, changed, cancelled or resumed.
    SubscriptionChangeRequested,
    /// As Stripe told, or with time.
    SubscriptionChanged,
    /// The page on which cards and addresses are changed.
    PaymentPortalOpened,
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
            Self::PasswordChanged => "password.changed",
            Self::PasswordChangeFailed => "password.change_failed",
            Self::PasswordReset => "password.reset",
            Self::PasswordCheckFailed => "password.check_failed",
            Self::EmailChangeRequested => "email.change_requested",
            Self::EmailChanged => "email.changed",
            Self::AccountClosed => "account.closed",
            Self::UsersImported => "users.imported",
            Self::SecondFactorIssued => "second_factor.issued",
            Self::SecondFactorEnrolled => "second_factor.enrolled",
            Self::SecondFactorProved => "second_factor.proved",
            Self::SecondFactorFailed => "second_factor.failed",
            Self::SecondFactorRemoved => "second_factor.removed",
            Self::SecondFactorReset => "second_factor.reset",
            Self::RecoveryCodesReplaced => "recovery_codes.replaced",
            Self::SessionEnded => "session.ended",
            Self::SessionsEnded => "sessions.ended",
            Self::SupportSessionStarted => "support_session.started",
            Self::ClinicSwitched => "clinic.switched",
            Self::InvitationSent => "invitation.sent",
            Self::InvitationRevoked => "invitation.revoked",
            Self::InvitationAccepted => "invitation.accepted",
            Self::MemberUpdated => "member.updated",
            Self::MemberRemoved => "member.removed",
            Self::PolicyChanged => "policy.changed",
            Self::RecordCreated => "record.created",
            Self::RecordsListed => "records.listed",
            Self::RecordRead => "record.read",
            Self::RecordUpdated => "record.updated",
            Self::RecordLoaded => "record.loaded",
            Self::RecordDisclosed => "record.disclosed",
            Self::DocumentAdded => "document.added",
            Self::DocumentRead => "document.read",
            Self::RecordDeleted => "record.deleted",
            Self::RecordExpired => "record.expired",
            Self::RecordPurged => "record.purged",
            Self::PagesStored => "pages.stored",
            Self::OriginalKeyIssued => "original.key_issued",
            Self::OriginalUploadIssued => "original.upload_issued",
            Self::OriginalStored => "original.stored",
            Self::PageRead => "page.read",
            Self::JobCreated => "job.created",
            Self::JobsListed => "jobs.listed",
            Self::JobRead => "job.read",
            Self::JobWatched => "job.watched",
            Self::JobRetried => "job.retried",
            Self::JobCompleted => "job.completed",
            Self::JobFailed => "job.failed",
            Self::JobCancelled => "job.cancelled",
            Self::AnalysisRead => "analysis.read",
            Self::AnalysisEdited => "analysis.edited",
            Self::EditsRead => "edits.read",
            Self::EditsWatched => "edits.watched",
            Self::ReportCreated => "report.created",
            Self::ReportSigned => "report.signed",
            Self::SignedReportRead => "signed_report.read",
            Self::LetterheadChanged => "letterhead.changed",
            Self::SignatureBlockChanged => "signature_block.changed",
            Self::OperatorGranted => "operator.granted",
            Self::OperatorRevoked => "operator.revoked",
            Self::TaskRetried => "task.retried",
            Self::TaskDropped => "task.dropped",
            Self::SubscriptionChangeRequested => "subscription.change_requested",
            Self::SubscriptionChanged => "subscription.changed",
            Self::PaymentPortalOpened => "payment_portal.opened",
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
        let (org, actor, origin) = (Some(who.org()), who.actor(), who.origin());
        Self {
            org,
            kind: actor.kind(),
            id: Some(actor.id()),
            acting_as: actor.acting_as(),
            session: actor.session(),
            request: origin.map(|origin| origin.request),
            address: origin.and_then(|origin| origin.address),
        }
    }

    /// An operator who does something to a clinic, or with the rights of one of its members.
    #[must_use]
    pub const fn from_operator(who: &OperatorActor, org: Option<OrgId>, acting_as: Option<UserId>) -> Self {
        let (id, session) = (Some(who.operator.uuid()), Some(who.session));
        Self { kind: "operator", id, acting_as, session, ..Self::anonymous(org, &who.origin) }
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
    /// An event now, to the microsecond: the database keeps no more, and the event is hashed as it is kept.
    #[must_use]
    pub fn new(id: AuditEventId, now: OffsetDateTime, action: AuditAction, subject: Option<Uuid>) -> Self {
        let occurred_at = now.truncate_to_microsecond();
        Self { id, occurred_at, action, subject, details: serde_json::json!({}) }
    }

    #[must_use]
    pub fn with_details(self, details: serde_json::Value) -> Self {
        Self { details, ..self }
    }

    /// With the part of a list that was read: its length, its first and its last item.
    #[must_use]
    pub fn with_list<T: Serialize>(self, ids: &[T]) -> Self {
        self.with_details(serde_json::json!({ "items": ids.len(), "first": ids.first(), "last": ids.last() }))
    }
}

/// The version of the canonical form that events are hashed in.
pub const CANONICAL_VERSION: u8 = 1;

/// An event with its actor, as the database keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvent {
    pub id: Uuid,
    pub org: Option<Uuid>,
    pub occurred_at: OffsetDateTime,
    pub actor_kind: String,
    pub actor: Option<Uuid>,
    pub acting_as: Option<Uuid>,
    pub action: String,
    pub subject: Option<Uuid>,
    pub details: serde_json::Value,
    pub request: Option<Uuid>,
    pub session: Option<Uuid>,
    pub address: Option<String>,
}

impl RecordedEvent {
    #[must_use]
    pub fn new(event: &AuditEvent, actor: AuditActor) -> Self {
        Self {
            id: event.id.uuid(),
            org: actor.org.map(OrgId::uuid),
            occurred_at: event.occurred_at,
            actor_kind: actor.kind.to_owned(),
            actor: actor.id,
            acting_as: actor.acting_as.map(UserId::uuid),
            action: event.action.name().to_owned(),
            subject: event.subject,
            details: event.details.clone(),
            request: actor.request.map(RequestId::uuid),
            session: actor.session.map(SessionId::uuid),
            address: actor.address.map(|address| address.to_string()),
        }
    }

    /// SHA-256 of the canonical form. `docs/AUDIT.md` describes it for those who verify it without this program.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let id = |id: Option<Uuid>| id.map(|id| id.as_bytes().to_vec());
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let microseconds = (self.occurred_at.unix_timestamp_nanos() / 1000) as i64;
        let fields = [
            ("id", id(Some(self.id))),
            ("org", id(self.org)),
            ("at", Some(microseconds.to_be_bytes().to_vec())),
            ("actor.kind", text(&self.actor_kind)),
            ("actor.id", id(self.actor)),
            ("acting_as", id(self.acting_as)),
            ("action", text(&self.action)),
            ("subject", id(self.subject)),
            ("details", text(&encode_json(&self.details))),
            ("request", id(self.request)),
            ("session", id(self.session)),
            ("address", self.address.as_deref().and_then(text)),
        ];
        Sha256::digest(encode_fields(CANONICAL_VERSION, fields)).into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn event() -> RecordedEvent {
        RecordedEvent {
            id: Uuid::from_u128(1),
            org: Some(Uuid::from_u128(2)),
            occurred_at: datetime!(2026-03-02 09:00:00.000001 UTC),
            actor_kind: "member".to_owned(),
            actor: Some(Uuid::from_u128(3)),
            acting_as: None,
            action: "page.read".to_owned(),
            subject: Some(Uuid::from_u128(4)),
            details: json!({ "page": 1 }),
            request: None,
            session: None,
            address: Some("192.0.2.1".to_owned()),
        }
    }

    #[test]
    fn hash_stays_the_same_from_release_to_release() {
        assert_eq!(
            hex::encode(event().hash()),
            "f3a6036a9bfec5b2c81659185faba07adff915d3eca42ec43dcd0a2fc2ae1958"
        );
    }

    #[test]
    fn every_field_changes_the_hash() {
        let one = Some(Uuid::from_u128(9));
        let changed = [
            RecordedEvent { id: Uuid::from_u128(9), ..event() },
            RecordedEvent { org: None, ..event() },
            RecordedEvent { occurred_at: datetime!(2026-03-02 09:00:00.000002 UTC), ..event() },
            RecordedEvent { actor_kind: "job".to_owned(), ..event() },
            RecordedEvent { actor: None, ..event() },
            RecordedEvent { acting_as: one, ..event() },
            RecordedEvent { action: "page.stored".to_owned(), ..event() },
            RecordedEvent { subject: None, ..event() },
            RecordedEvent { details: json!({ "page": 2 }), ..event() },
            RecordedEvent { request: one, ..event() },
            RecordedEvent { session: one, ..event() },
            RecordedEvent { address: None, ..event() },
        ];
        let hashes: BTreeSet<_> = changed.iter().map(RecordedEvent::hash).chain([event().hash()]).collect();
        assert_eq!(hashes.len(), changed.len() + 1);
    }
}
