//! Whoever changes what an account hangs on gives its password again, in a session that may have been left open.

use maneiro_api::UserId;
use secrecy::SecretString;

use super::rate_limits;
use crate::{
    domain::{
        actor::OrgActor,
        audit::{AuditAction, AuditActor},
        error::Error,
        rate_limit::{PASSWORD_CHECKS_PER_SESSION, RateLimitSubject},
    },
    state::App,
    store::{SystemTask, audit, credentials},
};

/// Checks the user's own password. Wrong ones are counted by session: guesses elsewhere keep nobody from their own account.
/// Returns the stored hash, by which a change made meanwhile is noticed.
///
/// # Errors
/// `InvalidInput` of `field` if it is wrong, after an event of this kind; `TooManyRequests` after too many wrong ones.
pub(super) async fn require(
    app: &App,
    who: &OrgActor,
    user: UserId,
    password: &SecretString,
    field: &str,
    failure: AuditAction,
) -> Result<String, Error> {
    let (_, session) = who.require_member()?;
    let subject = RateLimitSubject::Session(session);
    rate_limits::require(app, &subject, &PASSWORD_CHECKS_PER_SESSION).await?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let current = credentials::password_hash(&mut tx, user).await?;
    tx.commit().await?;
    if app.passwords.verify(password, Some(&current), &[]).await? {
        rate_limits::discount(app, &subject, &PASSWORD_CHECKS_PER_SESSION).await;
        return Ok(current);
    }
    fail(app, who, user, field, failure).await
}

/// Records that the given password was not the current one.
///
/// # Errors
/// `InvalidInput` of `field`, if nothing else fails.
pub(super) async fn fail<T>(
    app: &App,
    who: &OrgActor,
    user: UserId,
    field: &str,
    failure: AuditAction,
) -> Result<T, Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let event = app.audit_event(failure, Some(user.uuid()));
    audit::append_as(&mut tx, &event, AuditActor::from_org_actor(who)).await?;
    tx.commit().await?;
    Err(Error::invalid_field(field, "is not the current password"))
}
