//! Operators of the platform: their own sessions, and the support sessions in which they act as members.

use maneiro_api::{
    SessionId,
    account::SessionLevel,
    limits::{MAX_SUPPORT_REASON_CHARS, SUPPORT_SESSION_MINUTES},
    operator::{OperatorLogin, OperatorToken, StartSupportSession, SupportSession},
    record::List,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use time::Duration;

use super::{auth, sessions};
use crate::{
    domain::{
        actor::{OperatorActor, OrgActor, RequestOrigin},
        audit::{AuditAction, AuditActor},
        error::Error,
        validation::{BoundedText, FieldErrors},
    },
    state::App,
    store::{self, SystemTask, SystemTx, audit, operator_sessions},
};

/// What the token of an operator's own session begins with.
const TOKEN_PREFIX: &str = "mno_";

/// An operator's own session ends after this long, used or not.
const SESSION_LIFETIME: Duration = Duration::hours(12);

/// An operator's own session ends when it was not used for so long.
const IDLE_LIMIT: Duration = Duration::minutes(15);

/// Signs an operator in, with the password alone: what operators do asks for a second factor besides.
///
/// # Errors
/// `InvalidCredentials` if e-mail address and password do not match an account, or it is none of an operator.
pub async fn login(app: &App, input: OperatorLogin, origin: RequestOrigin) -> Result<OperatorToken, Error> {
    let check = auth::verify(app, &input.email, &input.password).await?;
    if let (Some(account), true) = (&check.account, check.password_matches) {
        let (token, new) =
            sessions::new_session(app, TOKEN_PREFIX, account.user, SessionLevel::Password, &origin);
        let expires_at = new.created_at + SESSION_LIFETIME;
        let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
        match operator_sessions::insert(&mut tx, &new, expires_at, Some(&account.password_hash)).await {
            Ok(()) => {
                let event = app.audit_event(AuditAction::LoginSucceeded, Some(new.id.uuid()));
                let operator = OperatorActor {
                    operator: account.user,
                    session: new.id,
                    level: new.level,
                    origin: origin.clone(),
                };
                audit::append_as(&mut tx, &event, AuditActor::from_operator(&operator, None, None)).await?;
                tx.commit().await?;
                return Ok(OperatorToken { session: new.id, token, expires_at });
            }
            Err(Error::InvalidCredentials) => {}
            Err(error) => return Err(error),
        }
    }
    auth::fail_login(app, check.account.as_ref(), None, &origin).await
}

/// Begins a session of an operator who has proved a second factor, in place of the one that they used, which ends.
///
/// # Errors
/// `Unauthenticated` if that has ended, or the right to one.
pub(super) async fn replace(
    app: &App,
    tx: &mut SystemTx,
    who: &OperatorActor,
) -> Result<OperatorToken, Error> {
    let (token, new) =
        sessions::new_session(app, TOKEN_PREFIX, who.operator, SessionLevel::SecondFactor, &who.origin);
    let expires_at = new.created_at + SESSION_LIFETIME;
    match operator_sessions::insert(tx, &new, expires_at, None).await {
        Err(Error::InvalidCredentials) => return Err(Error::Unauthenticated),
        inserted => inserted?,
    }
    if !store::sessions::end_of_user(tx, who.operator, who.session, new.created_at).await? {
        return Err(Error::Unauthenticated);
    }
    Ok(OperatorToken { session: new.id, token, expires_at })
}

/// Whether a token is that of an operator's own session.
#[must_use]
pub fn is_operator_token(token: &SecretString) -> bool {
    token.expose_secret().starts_with(TOKEN_PREFIX)
}

/// The operator of a token.
///
/// # Errors
/// `Unauthenticated` if the token is unknown, or its session has ended.
pub async fn authenticate(
    app: &App,
    token: &SecretString,
    origin: RequestOrigin,
) -> Result<OperatorActor, Error> {
    let mut tx = app.db.begin_system(SystemTask::Authenticate).await?;
    let token_hash = sessions::hash_token(token);
    let who = operator_sessions::find_by_token(&mut tx, &token_hash, app.now(), IDLE_LIMIT, origin).await?;
    tx.commit().await?;
    Ok(who)
}

/// Ends the operator's own session.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn logout(app: &App, who: &OperatorActor) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let event = app.audit_event(AuditAction::SessionEnded, Some(who.session.uuid()));
    if store::sessions::end_of_user(&mut tx, who.operator, who.session, event.occurred_at).await? {
        audit::append_as(&mut tx, &event, AuditActor::from_operator(who, None, None)).await?;
    }
    tx.commit().await
}

/// Begins a session in which the operator acts as a member of a clinic.
///
/// # Errors
/// `InvalidInput` with every invalid field; `NotFound` if the clinic has no such member.
pub async fn start_support_session(
    app: &App,
    who: &OperatorActor,
    input: &StartSupportSession,
) -> Result<OperatorToken, Error> {
    let mut errors = FieldErrors::default();
    if !SUPPORT_SESSION_MINUTES.contains(&input.minutes) {
        let (from, to) = (SUPPORT_SESSION_MINUTES.start(), SUPPORT_SESSION_MINUTES.end());
        errors.add("minutes", format!("must be between {from} and {to}"));
    }
    let reason = BoundedText::<MAX_SUPPORT_REASON_CHARS>::parse(&input.reason);
    let Some(reason) = errors.check("reason", reason) else { return Err(errors.into_error()) };
    errors.finish()?;

    let (token, new) = sessions::new_session(app, sessions::TOKEN_PREFIX, input.user, who.level, &who.origin);
    let expires_at = new.created_at + Duration::minutes(i64::from(input.minutes));
    let mut tx = app.db.begin_operator(who).await?;
    operator_sessions::insert_support(&mut tx, input.organization, &new, expires_at, reason.as_str()).await?;
    let event = app
        .audit_event(AuditAction::SupportSessionStarted, Some(new.id.uuid()))
        .with_details(json!({ "minutes": input.minutes }));
    let actor = AuditActor::from_operator(who, Some(input.organization), Some(input.user));
    audit::append_as_operator(&mut tx, &event, actor).await?;
    tx.commit().await?;
    Ok(OperatorToken { session: new.id, token, expires_at })
}

/// The support sessions in the actor's clinic, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn support_sessions(app: &App, who: &OrgActor) -> Result<List<SupportSession>, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let items = operator_sessions::list_support(&mut tx, app.now()).await?;
    tx.commit().await?;
    Ok(List { items, next_cursor: None })
}

/// Ends a support session in the actor's clinic.
///
/// # Errors
/// `NotFound` if the clinic has no such support session, or it has ended.
pub async fn end_support_session(app: &App, who: &OrgActor, session: SessionId) -> Result<(), Error> {
    let mut tx = app.db.begin_org(who).await?;
    let event = app.audit_event(AuditAction::SessionEnded, Some(session.uuid()));
    operator_sessions::end_support(&mut tx, session, event.occurred_at).await?;
    audit::append(&mut tx, &event).await?;
    tx.commit().await
}
