//! Who acts, and for which clinic. An actor comes from a session or a claimed job, never from a request body.

use maneiro_api::{JobId, OrgId, RequestId, SessionId, UserId, account::Role};
use uuid::Uuid;

use super::{action::Action, error::Error, job::Claim};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A member who signed in.
    Member {
        /// The person.
        user: UserId,
        /// Their sign-in.
        session: SessionId,
        /// What they may do.
        role: Role,
    },
    /// A worker, for the job it claimed.
    Job {
        /// The job.
        job: JobId,
    },
}

impl Actor {
    /// The kind as the audit log names it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Job { .. } => "job",
        }
    }

    /// The person or the job, as the audit log keeps it.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Member { user, .. } => user.uuid(),
            Self::Job { job } => job.uuid(),
        }
    }
}

/// A session that was found valid. Only the store makes one, from a token's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidSession {
    pub(crate) session: SessionId,
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
    pub(crate) role: Role,
}

/// An actor bound to one clinic: the only thing that opens an `OrgTx`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgActor {
    org: OrgId,
    actor: Actor,
    request: Option<RequestId>,
}

impl OrgActor {
    /// The member a valid session belongs to, during one HTTP request.
    #[must_use]
    pub fn member(session: &ValidSession, request: RequestId) -> Self {
        let actor = Actor::Member { user: session.user, session: session.session, role: session.role };
        Self { org: session.org, actor, request: Some(request) }
    }

    /// The worker that holds a claim.
    #[must_use]
    pub const fn job(claim: &Claim) -> Self {
        Self { org: claim.org(), actor: Actor::Job { job: claim.job() }, request: None }
    }

    /// The clinic.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The HTTP request this is part of.
    #[must_use]
    pub const fn request(&self) -> Option<RequestId> {
        self.request
    }

    /// The person who acts and their sign-in.
    ///
    /// # Errors
    /// `Denied` if no person acts.
    pub const fn user(&self) -> Result<(UserId, SessionId), Error> {
        match self.actor {
            Actor::Member { user, session, .. } => Ok((user, session)),
            Actor::Job { .. } => Err(Error::Denied),
        }
    }

    /// Passes who may do `action`.
    ///
    /// # Errors
    /// `Denied` for everyone else; a job does nothing that a member asks for over HTTP.
    pub const fn may(&self, action: Action) -> Result<(), Error> {
        match self.actor {
            Actor::Member { role, .. } if action.is_open_to(role) => Ok(()),
            Actor::Member { .. } | Actor::Job { .. } => Err(Error::Denied),
        }
    }
}
