//! From a web page to the app: whoever proved their identity on a page is shown a code, with which the app signs in once.

use maneiro_api::{
    OrgId, UserId,
    account::{LoginResponse, SessionLevel},
    identity::LoginWithCode,
};
use secrecy::ExposeSecret as _;
use time::Duration;

use super::{mails::hash_code, sessions};
use crate::{
    domain::{
        actor::RequestOrigin,
        audit::{AuditAction, AuditActor, AuditEvent},
        error::Error,
        one_time_code::OneTimeCode,
    },
    state::App,
    store::{
        SystemTask, SystemTx, audit,
        sign_in_codes::{self, CodeSignIn},
    },
};

/// A code of 2⁶⁰, typed once within minutes. Guesses at it are limited by address, and no guess uses it up.
pub type SignInCode = OneTimeCode<12>;

/// How long a code can be used.
pub const SIGN_IN_CODE_LIFETIME: Duration = Duration::minutes(10);

/// Makes the code of a sign-in.
///
/// # Errors
/// `Unavailable` if the database is.
pub(super) async fn issue(app: &App, tx: &mut SystemTx, sign_in: CodeSignIn) -> Result<SignInCode, Error> {
    let code = SignInCode::from_mac(&app.random_bytes());
    let now = app.now();
    sign_in_codes::insert(tx, &hash_code(&code), sign_in, now, now + SIGN_IN_CODE_LIFETIME).await?;
    Ok(code)
}

/// The first sign-in of a new member, in the transaction that makes them one and is not committed yet.
pub(super) struct FirstSignIn {
    pub(super) tx: SystemTx,
    pub(super) org: OrgId,
    pub(super) user: UserId,
    pub(super) password_hash: String,
    /// What made them a member.
    pub(super) event: AuditEvent,
}

impl FirstSignIn {
    /// Commits, with a session.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub(super) async fn with_session(self, app: &App, origin: RequestOrigin) -> Result<LoginResponse, Error> {
        let Self { mut tx, org, user, password_hash, event } = self;
        let level = SessionLevel::Password;
        let started = sessions::start(app, &mut tx, org, user, level, &password_hash, &origin).await?;
        let actor = AuditActor::member(org, user, started.session.session, &origin);
        audit::append_as(&mut tx, &event, actor).await?;
        tx.commit().await?;
        started.into_login_response(app, origin).await
    }

    /// Commits, with a code for the app.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub(super) async fn with_code(self, app: &App, origin: &RequestOrigin) -> Result<SignInCode, Error> {
        let Self { mut tx, org, user, event, .. } = self;
        let code = issue(app, &mut tx, CodeSignIn { org, user, level: SessionLevel::Password }).await?;
        audit::append_as(&mut tx, &event, AuditActor::anonymous(Some(org), origin)).await?;
        tx.commit().await?;
        Ok(code)
    }
}

/// Signs the app in with a code.
///
/// # Errors
/// `CodeWrong` if it is none that was shown, was used, or has expired; `InvalidCredentials` if the right to sign in has ended
/// meanwhile.
pub async fn login(app: &App, input: &LoginWithCode, origin: RequestOrigin) -> Result<LoginResponse, Error> {
    let code = SignInCode::parse(input.code.expose_secret()).ok_or(Error::CodeWrong)?;
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let (CodeSignIn { org, user, level }, password_hash) =
        sign_in_codes::take(&mut tx, &hash_code(&code), app.now()).await?;
    let started = sessions::start(app, &mut tx, org, user, level, &password_hash, &origin).await?;
    let session = started.session.session;
    let event = app.audit_event(AuditAction::LoginSucceeded, Some(session.uuid()));
    audit::append_as(&mut tx, &event, AuditActor::member(org, user, session, &origin)).await?;
    tx.commit().await?;
    started.into_login_response(app, origin).await
}

/// Deletes codes that have expired.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    sign_in_codes::delete_expired(&mut tx, app.now()).await?;
    tx.commit().await
}
