//! Sessions: from a token to an actor, and their end.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maneiro_api::{
    OrgId, SessionId, UserId,
    account::{LoginResponse, SessionLevel},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::accounts;
use crate::{
    domain::{
        actor::{OrgActor, RequestOrigin, ValidSession},
        audit::AuditAction,
        error::Error,
    },
    state::App,
    store::{
        SystemTask, SystemTx, audit,
        sessions::{self, NewSession, TokenHash},
    },
};

/// What the token of a session begins with, so that scanners for leaked secrets know it.
const TOKEN_PREFIX: &str = "mns_";

/// A session that has begun, with its token.
pub(super) struct StartedSession {
    token: SecretString,
    pub(super) session: ValidSession,
}

/// Begins a session of a member whose password was verified against this hash.
///
/// # Errors
/// `InvalidCredentials` if the member may no longer sign in with that password.
pub(super) async fn start(
    app: &App,
    tx: &mut SystemTx,
    org: OrgId,
    user: UserId,
    password_hash: &str,
    origin: &RequestOrigin,
) -> Result<StartedSession, Error> {
    let token =
        SecretString::from(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(app.random_bytes::<32>())));
    let new = NewSession {
        id: SessionId::from_uuid(app.new_uuid()),
        org,
        user,
        token_hash: hash_token(&token),
        level: SessionLevel::Password,
        client_address: origin.address,
        device: origin.device.as_deref(),
        created_at: app.now(),
    };
    let session = sessions::insert(tx, &new, password_hash).await?;
    Ok(StartedSession { token, session })
}

impl StartedSession {
    /// # Errors
    /// `Unavailable` if the database is.
    pub(super) async fn into_login_response(
        self,
        app: &App,
        origin: RequestOrigin,
    ) -> Result<LoginResponse, Error> {
        let me = accounts::me(app, &OrgActor::from_session(&self.session, origin)).await?;
        Ok(LoginResponse { token: self.token, expires_at: self.session.expires_at, me })
    }
}

fn hash_token(token: &SecretString) -> TokenHash {
    Sha256::digest(token.expose_secret()).into()
}

/// The actor of a token.
///
/// # Errors
/// `Unauthenticated` if the token is unknown, or its session has ended.
pub async fn authenticate(app: &App, token: &SecretString, origin: RequestOrigin) -> Result<OrgActor, Error> {
    let mut tx = app.db.begin_system(SystemTask::Authenticate).await?;
    let session = sessions::find_by_token(&mut tx, &hash_token(token), app.now()).await?;
    tx.commit().await?;
    Ok(OrgActor::from_session(&session, origin))
}

/// Checks that the session of an open stream has not ended.
///
/// # Errors
/// `Unauthenticated` if it has.
pub(super) async fn check(app: &App, session: SessionId) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Authenticate).await?;
    sessions::find(&mut tx, session, app.now()).await?;
    tx.commit().await
}

/// Ends the actor's session. A session that another request has just ended is ended: that is a success without an event.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn logout(app: &App, who: &OrgActor) -> Result<(), Error> {
    let (_, session) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    let event = app.audit_event(AuditAction::SessionEnded, Some(session.uuid()));
    if sessions::end(&mut tx, session, event.occurred_at).await? {
        audit::append(&mut tx, &event).await?;
    }
    tx.commit().await
}
