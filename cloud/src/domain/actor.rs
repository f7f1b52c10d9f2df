//! Who acts, and for which clinic. An actor comes from a session or a leased job, never from a request body.

use std::net::IpAddr;

use maneiro_api::{
    JobId, OrgId, RequestId, SessionId, TaskId, UserId,
    account::{Role, SecondFactorStep, SessionLevel},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    action::{Action, Concern, PermittedActor, RequiredLevel},
    error::Error,
    task::{JobLease, TaskLease},
};

/// Who acts in a clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in member.
    Member { user: UserId, session: SessionId, role: Role, proof: SessionProof },
    /// An operator of the platform with the rights of a member, in a support session.
    Support { operator: UserId, user: UserId, session: SessionId, role: Role },
    /// A worker, for the job that it leased.
    Job { job: JobId },
    /// A worker, for another task that it leased.
    Task { task: TaskId },
}

/// How a session began, and whether that is enough for its clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionProof {
    pub level: SessionLevel,
    /// Whether the clinic requires a second factor.
    pub requires_second_factor: bool,
    /// Whether the user has one: it is asked for then, whatever the clinic requires.
    pub has_second_factor: bool,
}

impl SessionProof {
    /// What the session lacks. One that lacks something is a half session.
    #[must_use]
    pub const fn missing_step(self) -> Option<SecondFactorStep> {
        match self {
            Self { level: SessionLevel::SecondFactor, .. } => None,
            Self { has_second_factor: true, .. } => Some(SecondFactorStep::Prove),
            Self { requires_second_factor: true, .. } => Some(SecondFactorStep::Enrol),
            Self { .. } => None,
        }
    }

    const fn suffices_for(self, required: RequiredLevel) -> bool {
        match (required, self.level) {
            (RequiredLevel::Password, _) | (_, SessionLevel::SecondFactor) => true,
            (RequiredLevel::ClinicPolicy, SessionLevel::Password) => self.missing_step().is_none(),
            (RequiredLevel::SecondFactor, SessionLevel::Password) => false,
        }
    }
}

impl Actor {
    /// The kind of actor as the audit log and the rows that it creates name it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Support { .. } => "operator",
            Self::Job { .. } => "job",
            Self::Task { .. } => "task",
        }
    }

    /// The id of the user, the operator, the job or the task.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Member { user, .. } => user.uuid(),
            Self::Support { operator, .. } => operator.uuid(),
            Self::Job { job } => job.uuid(),
            Self::Task { task } => task.uuid(),
        }
    }

    /// The member whose rights an operator uses.
    #[must_use]
    pub const fn acting_as(self) -> Option<UserId> {
        match self {
            Self::Support { user, .. } => Some(user),
            Self::Member { .. } | Self::Job { .. } | Self::Task { .. } => None,
        }
    }

    #[must_use]
    pub const fn session(self) -> Option<SessionId> {
        match self {
            Self::Member { session, .. } | Self::Support { session, .. } => Some(session),
            Self::Job { .. } | Self::Task { .. } => None,
        }
    }

    /// Whether the actor may see what was written about patients.
    #[must_use]
    pub const fn sees_patient_content(self) -> bool {
        match self {
            Self::Member { .. } | Self::Job { .. } | Self::Task { .. } => true,
            Self::Support { .. } => false,
        }
    }

    /// Checks that the actor may do `action`.
    ///
    /// # Errors
    /// `PermissionDenied` if the role does not permit it, and always for a worker, which does nothing that is requested
    /// over HTTP; `SecondFactorRequired` if a password alone is too little; `SupportSession` if it is nothing for an operator.
    pub fn authorize(self, action: Action) -> Result<(), Error> {
        let permission = action.permission();
        let role = match self {
            Self::Member { role, .. } | Self::Support { role, .. } => role,
            Self::Job { .. } | Self::Task { .. } => return Err(Error::PermissionDenied),
        };
        match permission.who {
            PermittedActor::Members(roles) if roles.contains(&role) => {}
            PermittedActor::Members(_) | PermittedActor::Operators => return Err(Error::PermissionDenied),
        }
        match self {
            // The operator's own session had its second factor.
            Self::Support { .. } if permission.concern != Concern::Operation => Err(Error::SupportSession),
            Self::Member { proof, .. } if !proof.suffices_for(permission.level) => {
                Err(Error::SecondFactorRequired)
            }
            Self::Support { .. } | Self::Member { .. } | Self::Job { .. } | Self::Task { .. } => Ok(()),
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

/// A session of a clinic that was found valid. Only the store makes one, from the hash of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidSession {
    pub(crate) session: SessionId,
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
    /// The operator who acts as the user.
    pub(crate) operator: Option<UserId>,
    pub(crate) role: Role,
    pub(crate) proof: SessionProof,
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
    /// The member of a valid session, or the operator who acts as them, during one HTTP request.
    #[must_use]
    pub fn from_session(session: &ValidSession, origin: RequestOrigin) -> Self {
        let ValidSession { session, org, user, operator, role, proof, .. } = *session;
        let actor = match operator {
            None => Actor::Member { user, session, role, proof },
            Some(operator) => Actor::Support { operator, user, session, role },
        };
        Self { org, actor, origin: Some(origin) }
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

    /// The HTTP request that this is part of.
    ///
    /// # Errors
    /// `PermissionDenied` if a worker acts.
    pub fn require_origin(&self) -> Result<&RequestOrigin, Error> {
        self.origin.as_ref().ok_or(Error::PermissionDenied)
    }

    /// The role whose rights are used.
    ///
    /// # Errors
    /// `PermissionDenied` if a worker acts.
    pub const fn require_role(&self) -> Result<Role, Error> {
        match self.actor {
            Actor::Member { role, .. } | Actor::Support { role, .. } => Ok(role),
            Actor::Job { .. } | Actor::Task { .. } => Err(Error::PermissionDenied),
        }
    }

    /// How the session of the member began.
    ///
    /// # Errors
    /// `PermissionDenied` if somebody else acts.
    pub const fn require_proof(&self) -> Result<SessionProof, Error> {
        match self.actor {
            Actor::Member { proof, .. } => Ok(proof),
            Actor::Support { .. } | Actor::Job { .. } | Actor::Task { .. } => Err(Error::PermissionDenied),
        }
    }

    /// The member whose rights are used, and the session.
    ///
    /// # Errors
    /// `PermissionDenied` if a worker acts.
    pub const fn require_member(&self) -> Result<(UserId, SessionId), Error> {
        match self.actor {
            Actor::Member { user, session, .. } | Actor::Support { user, session, .. } => Ok((user, session)),
            Actor::Job { .. } | Actor::Task { .. } => Err(Error::PermissionDenied),
        }
    }
}

/// An operator of the platform with a session of their own, bound to no clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorActor {
    pub(crate) operator: UserId,
    pub(crate) session: SessionId,
    pub(crate) level: SessionLevel,
    pub(crate) origin: RequestOrigin,
}

impl OperatorActor {
    /// Checks that the operator may do `action`.
    ///
    /// # Errors
    /// `PermissionDenied` if it is for members of clinics; `SecondFactorRequired` if a password alone is too little.
    pub const fn authorize(&self, action: Action) -> Result<(), Error> {
        let permission = action.permission();
        let proof =
            SessionProof { level: self.level, requires_second_factor: true, has_second_factor: false };
        match permission.who {
            PermittedActor::Members(_) => Err(Error::PermissionDenied),
            PermittedActor::Operators if !proof.suffices_for(permission.level) => {
                Err(Error::SecondFactorRequired)
            }
            PermittedActor::Operators => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use maneiro_api::ErrorCode;

    use super::*;

    const USER: UserId = UserId::from_uuid(Uuid::nil());
    const SESSION: SessionId = SessionId::from_uuid(Uuid::nil());

    fn member(role: Role, level: SessionLevel, requires_second_factor: bool) -> Actor {
        let proof = SessionProof { level, requires_second_factor, has_second_factor: false };
        Actor::Member { user: USER, session: SESSION, role, proof }
    }

    #[test]
    fn password_is_enough_unless_the_clinic_requires_more() {
        let authorize = |actor: Actor, action| actor.authorize(action).map_err(|error| error.code());
        let lax = member(Role::Doctor, SessionLevel::Password, false);
        let strict = member(Role::Doctor, SessionLevel::Password, true);
        let full = member(Role::Doctor, SessionLevel::SecondFactor, true);
        assert_eq!(authorize(lax, Action::ReadRecord), Ok(()));
        assert_eq!(authorize(full, Action::ReadRecord), Ok(()));
        assert_eq!(authorize(strict, Action::ReadRecord), Err(ErrorCode::SecondFactorRequired));
        assert_eq!(authorize(strict, Action::EndSession), Ok(()));
        assert_eq!(authorize(full, Action::ManageSupportSessions), Err(ErrorCode::PermissionDenied));
    }

    #[test]
    fn half_session_reaches_the_second_factor_and_sign_out_only() {
        for (requires_second_factor, has_second_factor) in [(true, false), (false, true), (true, true)] {
            let level = SessionLevel::Password;
            let proof = SessionProof { level, requires_second_factor, has_second_factor };
            let half = Actor::Member { user: USER, session: SESSION, role: Role::Admin, proof };
            assert!(half.authorize(Action::ProveSecondFactor).is_ok());
            assert!(half.authorize(Action::EndSession).is_ok());
            for refused in [Action::ReadCurrentUser, Action::ChangePassword, Action::EndSessions] {
                assert!(matches!(half.authorize(refused), Err(Error::SecondFactorRequired)), "{refused:?}");
            }
            let whole = SessionProof { level: SessionLevel::SecondFactor, ..proof };
            assert_eq!(whole.missing_step(), None);
            let step = if has_second_factor { SecondFactorStep::Prove } else { SecondFactorStep::Enrol };
            assert_eq!(proof.missing_step(), Some(step));
        }
    }

    #[test]
    fn member_never_does_what_is_for_operators() {
        let admin = member(Role::Admin, SessionLevel::SecondFactor, false);
        assert!(admin.authorize(Action::StartSupportSession).is_err());
        assert!(Actor::Job { job: JobId::from_uuid(Uuid::nil()) }.authorize(Action::ReadJob).is_err());
    }
}
