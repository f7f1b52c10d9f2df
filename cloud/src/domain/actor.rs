//! Who acts, and for which clinic. An actor comes from a session or a leased job, never from a request body.

use std::net::IpAddr;

use maneiro_api::{
    JobId, OrgId, RequestId, SessionId, TaskId, UserId,
    account::{Role, SessionLevel},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    action::Action,
    error::Error,
    task::{JobLease, TaskLease},
};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in member.
    Member { user: UserId, session: SessionId, role: Role },
    /// A worker, for the job that it leased.
    Job { job: JobId },
    /// A worker, for another task that it leased.
    Task { task: TaskId },
}

impl Actor {
    /// The kind of actor as the audit log names it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Job { .. } => "job",
            Self::Task { .. } => "task",
        }
    }

    /// The id of the user, the job or the task.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Member { user, .. } => user.uuid(),
            Self::Job { job } => job.uuid(),
            Self::Task { task } => task.uuid(),
        }
    }
}

/// The HTTP request that an actor makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestOrigin {
    pub request: RequestId,
    pub address: Option<IpAddr>,
    /// What the client says of itself, if it is printable.
    pub device: Option<String>,
}

/// A session that was found valid. Only the store makes one, from the hash of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidSession {
    pub(crate) session: SessionId,
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) level: SessionLevel,
    /// Whether the clinic requires a second factor.
    pub(crate) requires_second_factor: bool,
    /// When it ends at the latest.
    pub(crate) expires_at: OffsetDateTime,
    /// When it ends unless it is used.
    pub(crate) valid_until: OffsetDateTime,
}

/// An actor bound to one clinic: the only thing that opens an `OrgTx`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgActor {
    org: OrgId,
    actor: Actor,
    origin: Option<RequestOrigin>,
}

impl OrgActor {
    /// The member of a valid session, during one HTTP request.
    #[must_use]
    pub fn from_session(session: &ValidSession, origin: RequestOrigin) -> Self {
        let actor = Actor::Member { user: session.user, session: session.session, role: session.role };
        Self { org: session.org, actor, origin: Some(origin) }
    }

    /// The worker that holds the lease of a job.
    #[must_use]
    pub const fn from_job_lease(lease: &JobLease) -> Self {
        Self { org: lease.org(), actor: Actor::Job { job: lease.job() }, origin: None }
    }

    /// The worker that holds the lease of a clinic's task.
    ///
    /// # Errors
    /// `Internal` if the task is work of the service itself.
    pub fn from_task_lease(lease: &TaskLease) -> Result<Self, Error> {
        Ok(Self { org: lease.require_org()?, actor: Actor::Task { task: lease.task() }, origin: None })
    }

    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The HTTP request that this is part of.
    #[must_use]
    pub const fn origin(&self) -> Option<&RequestOrigin> {
        self.origin.as_ref()
    }

    /// The member who acts and their session.
    ///
    /// # Errors
    /// `PermissionDenied` if a worker acts.
    pub const fn require_member(&self) -> Result<(UserId, SessionId), Error> {
        match self.actor {
            Actor::Member { user, session, .. } => Ok((user, session)),
            Actor::Job { .. } | Actor::Task { .. } => Err(Error::PermissionDenied),
        }
    }

    /// Checks that the actor may do `action`.
    ///
    /// # Errors
    /// `PermissionDenied` if the member's role does not permit it, and always for a worker, which does nothing that
    /// members request over HTTP.
    pub const fn authorize(&self, action: Action) -> Result<(), Error> {
        match self.actor {
            Actor::Member { role, .. } if action.is_permitted_for(role) => Ok(()),
            Actor::Member { .. } | Actor::Job { .. } | Actor::Task { .. } => Err(Error::PermissionDenied),
        }
    }
}
