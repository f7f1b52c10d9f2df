//! What the administrator of the server does, with the login of migrations: the service's own may not.

use maneiro_api::{AuditEventId, OrgId, TaskId, UserId};
use secrecy::SecretString;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    domain::{
        audit::{AuditAction, AuditEvent},
        clinic_key::WrappedKeyVersion,
        error::Error,
        plan::PlanCatalogue,
        user_import::{self, ImportOutcome, ImportedUser, UserRow},
        validation::Title,
    },
    ports::{Clock, KeyService, Random},
    store::{
        dead_letters::{self, DeadLetter},
        owner,
        second_factors::{self, SecondFactorReset},
        stripe_events::{self, OpenProblem},
        user_import::{NewOrganization, UserImport},
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

    /// Removes the second factor of an account whose owner has lost it, ends all its sessions, and has it mailed to the owner.
    /// `reason` goes into the audit log.
    ///
    /// # Errors
    /// `InvalidInput` if the reason is empty or longer than 200 characters; `Unavailable` if the database is.
    pub async fn reset_second_factor(&self, email: &str, reason: &str) -> Result<SecondFactorReset, Error> {
        let reason = Title::parse(reason).map_err(|message| Error::invalid_field("reason", message))?;
        let event =
            self.event(AuditAction::SecondFactorReset).with_details(json!({ "reason": reason.as_str() }));
        let (mail, task) = (self.random.uuid(), TaskId::from_uuid(self.random.uuid()));
        second_factors::reset(&self.login, email.trim(), mail, task, event).await
    }

    /// Makes a clinic on a trial, with its first admin, who has an account or sets a password by the mail of a forgotten one.
    ///
    /// # Errors
    /// `InvalidInput` if the name is empty or too long, or the account of the address is disabled; `Unavailable` if the database
    /// or the key service is.
    pub async fn add_clinic(
        &self,
        key_service: &dyn KeyService,
        plans: &PlanCatalogue,
        name: &str,
        admin: &ImportedUser,
    ) -> Result<OrgId, Error> {
        let name = Title::parse(name).map_err(|message| Error::invalid_field("name", message))?;
        let org = OrgId::from_uuid(self.random.uuid());
        let created_at = self.clock.now();
        let mut key = Zeroizing::new([0; 32]);
        self.random.fill(key.as_mut_slice());
        let wrapped = key_service.wrap(org, 1, &key).await?;
        let key = WrappedKeyVersion { version: 1, wrapped, seals_from: created_at };
        let subscription = plans.new_clinic_subscription(created_at);
        let new = NewOrganization { org, name: &name, subscription: &subscription, key: &key, created_at };
        let mut import = UserImport::into_new(&self.login, &new).await?;
        let user = UserId::from_uuid(self.random.uuid());
        match import.insert(user, admin, created_at).await? {
            ImportOutcome::Created | ImportOutcome::Joined => {}
            other => return Err(Error::invalid_field("admin", other.to_string())),
        }
        let event = AuditEvent { subject: Some(org.uuid()), ..self.event(AuditAction::ClinicRegistered) };
        import.commit(&event).await?;
        Ok(org)
    }

    /// The tasks that failed for good, the oldest first.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, Error> {
        dead_letters::list(&self.login).await
    }

    /// What Stripe said that no clinic or plan is known for, the oldest first.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn payment_problems(&self) -> Result<Vec<OpenProblem>, Error> {
        stripe_events::problems(&self.login).await
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

    /// Imports the accounts of a CSV file into a clinic, or only says what would become of them. The password of an account
    /// that exists is never touched. Returns what became of each row; none if there is no such clinic.
    ///
    /// # Errors
    /// `InvalidInput` if the file's first line is wrong; `Unavailable` if the database is.
    pub async fn import_users(
        &self,
        org: OrgId,
        csv: &[u8],
        is_dry_run: bool,
    ) -> Result<Option<Vec<(u64, ImportOutcome)>>, Error> {
        let rows = user_import::parse(csv).map_err(|message| Error::invalid_field("file", message))?;
        let event = AuditEvent { subject: Some(org.uuid()), ..self.event(AuditAction::UsersImported) };
        let Some(mut import) = UserImport::begin(&self.login, org).await? else { return Ok(None) };
        let mut outcomes = Vec::with_capacity(rows.len());
        for UserRow { line, user } in rows {
            let outcome = match user {
                Ok(user) => {
                    import.insert(UserId::from_uuid(self.random.uuid()), &user, event.occurred_at).await?
                }
                Err(reason) => ImportOutcome::Refused(reason),
            };
            outcomes.push((line, outcome));
        }
        if !is_dry_run {
            let count =
                |wanted: &ImportOutcome| outcomes.iter().filter(|(_, outcome)| outcome == wanted).count();
            let (created, joined) = (count(&ImportOutcome::Created), count(&ImportOutcome::Joined));
            let event = event.with_details(json!({ "created": created, "joined": joined }));
            import.commit(&event).await?;
        }
        Ok(Some(outcomes))
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
