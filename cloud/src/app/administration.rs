//! What the administrator of the server does, with the login of migrations: the service's own may not.

use maneiro_api::{AuditEventId, TaskId};
use secrecy::SecretString;

use crate::{
    domain::{
        audit::{AuditAction, AuditEvent},
        error::Error,
    },
    ports::{Clock, Random},
    store::{
        dead_letters::{self, DeadLetter},
        owner,
    },
};

/// The commands of an administrator.
pub struct Administration<'a> {
    login: SecretString,
    clock: &'a dyn Clock,
    random: &'a dyn Random,
}

impl<'a> Administration<'a> {
    /// `login` is the one of migrations.
    #[must_use]
    pub const fn new(login: SecretString, clock: &'a dyn Clock, random: &'a dyn Random) -> Self {
        Self { login, clock, random }
    }

    fn event(&self, action: AuditAction) -> AuditEvent {
        AuditEvent::new(AuditEventId::from_uuid(self.random.uuid()), self.clock.now(), action, None)
    }

    /// Makes the user of this e-mail address an operator. Returns whether there is such a user.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn grant(&self, email: &str) -> Result<bool, Error> {
        let event = self.event(AuditAction::OperatorGranted);
        owner::grant_operator(&self.login, email.trim(), event).await
    }

    /// Takes the right of an operator away, with every session that they opened by it. Returns whether they were one.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn revoke(&self, email: &str) -> Result<bool, Error> {
        let event = self.event(AuditAction::OperatorRevoked);
        owner::revoke_operator(&self.login, email.trim(), event).await
    }

    /// The e-mail addresses of all operators.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn operators(&self) -> Result<Vec<String>, Error> {
        owner::operators(&self.login).await
    }

    /// The tasks that failed for good, the oldest first.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, Error> {
        dead_letters::list(&self.login).await
    }

    /// Puts a task that failed for good back into the queue. Returns whether there is such a one.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn retry_dead_letter(&self, task: TaskId) -> Result<bool, Error> {
        let event = AuditEvent { subject: Some(task.uuid()), ..self.event(AuditAction::TaskRetried) };
        dead_letters::retry(&self.login, task, &event).await
    }

    /// Drops a task that failed for good. Returns whether there is such a one.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn drop_dead_letter(&self, task: TaskId) -> Result<bool, Error> {
        let event = AuditEvent { subject: Some(task.uuid()), ..self.event(AuditAction::TaskDropped) };
        dead_letters::delete(&self.login, task, &event).await
    }

    /// Computes the hash of every event of the audit log again.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn verify_audit(&self) -> Result<AuditVerification, Error> {
        let mut verified = AuditVerification::default();
        let on_event = |event, is_intact: bool| {
            verified.events += 1;
            if !is_intact {
                verified.altered.push(event);
            }
        };
        owner::verify_audit(&self.login, on_event).await?;
        Ok(verified)
    }
}

/// What a verification of the audit log found.
#[derive(Debug, Default)]
pub struct AuditVerification {
    pub events: u64,
    /// The events that are not as they were recorded.
    pub altered: Vec<AuditEventId>,
}
