//! Sessions: from a token to an actor, and their end.

use std::time::Instant;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maneiro_api::{
    OrgId, SessionId, UserId,
    account::{ActiveSession, LoginResponse, SessionLevel},
    record::List,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use time::Duration;

use super::{accounts, mails};
use crate::{
    domain::{
        actor::{OrgActor, RequestOrigin, ValidSession},
        audit::{AuditAction, AuditActor},
        error::{Error, Resource},
        notice::{ClientProgram, NewMail, UserNotice},
    },
    state::{App, session_cache::CheckTime},
    store::{
        SystemTask, SystemTx, accounts as account_store, audit,
        sessions::{self, NewSession, SessionBasis, TokenHash},
    },
};

/// What the token of a session begins with, so that scanners for leaked secrets know it.
pub(super) const TOKEN_PREFIX: &str = "mns_";

/// How long a device and a network are familiar after a sign-in.
const FAMILIAR_FOR: Duration = Duration::days(90);

/// A session that has begun, with its token.
pub(super) struct StartedSession {
    token: SecretString,
    pub(super) session: ValidSession,
}

/// A new token, and a session of it that `user` begins now.
pub(super) fn new_session<'a>(
    app: &App,
    prefix: &str,
    user: UserId,
    level: SessionLevel,
    origin: &'a RequestOrigin,
) -> (SecretString, NewSession<'a>) {
    let token = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(app.random_bytes::<32>()));
    let token = SecretString::from(token);
    let new = NewSession {
        id: SessionId::from_uuid(app.new_uuid()),
        user,
        token_hash: hash_token(&token),
        level,
        client_address: origin.address,
        device: origin.device.as_deref(),
        created_at: app.now(),
    };
    (token, new)
}

/// Begins a session of a member whose password was verified against this hash. Who signs in with a device or from a network
/// that the user has not signed in with lately is mailed to them.
///
/// # Errors
/// `InvalidCredentials` if the member may no longer sign in with that password.
pub(super) async fn start(
    app: &App,
    tx: &mut SystemTx,
    org: OrgId,
    user: UserId,
    level: SessionLevel,
    password_hash: &str,
    origin: &RequestOrigin,
) -> Result<StartedSession, Error> {
    let (token, new) = new_session(app, TOKEN_PREFIX, user, level, origin);
    let session = sessions::insert(tx, org, &new, SessionBasis::Password(password_hash)).await?;
    if !sessions::is_familiar(tx, &new, new.created_at - FAMILIAR_FOR).await? {
        let contact = account_store::contact(tx, user).await?;
        let mail = NewMail {
            id: app.new_uuid(),
            user: Some(user),
            recipient: contact.email,
            language: contact.language,
            notice: UserNotice::NewSignIn {
                client: ClientProgram::recognise(origin.device.as_deref()),
                address: origin.address,
                signed_in_at: new.created_at,
            },
            created_at: new.created_at,
        };
        mails::enqueue(app, tx, &mail).await?;
    }
    Ok(StartedSession { token, session })
}

/// Begins a session of a member in place of another one of theirs, which ends. The token is a new one, so that whoever knew the
/// earlier one gains nothing.
///
/// # Errors
/// `Unauthenticated` if the earlier session has ended, or the right to one.
pub(super) async fn replace(
    app: &App,
    tx: &mut SystemTx,
    org: OrgId,
    who: &OrgActor,
    level: SessionLevel,
) -> Result<StartedSession, Error> {
    let (user, session) = who.require_member()?;
    let origin = who.require_origin()?;
    let (token, new) = new_session(app, TOKEN_PREFIX, user, level, origin);
    // Locks the account first: a change of the password that is under way ends the earlier session before this goes on.
    let started = match sessions::insert(tx, org, &new, SessionBasis::Session(session)).await {
        Err(Error::InvalidCredentials) => return Err(Error::Unauthenticated),
        started => started?,
    };
    if !sessions::end_of_user(tx, user, session, new.created_at).await? {
        return Err(Error::Unauthenticated);
    }
    Ok(StartedSession { token, session: started })
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
        let (expires_at, second_factor) = (self.session.expires_at, self.session.proof.missing_step());
        Ok(LoginResponse { token: self.token, expires_at, me, second_factor })
    }
}

pub(super) fn hash_token(token: &SecretString) -> TokenHash {
    Sha256::digest(token.expose_secret()).into()
}

/// The actor of a token.
///
/// # Errors
/// `Unauthenticated` if the token is unknown, or its session has ended.
pub async fn authenticate(app: &App, token: &SecretString, origin: RequestOrigin) -> Result<OrgActor, Error> {
    let token_hash = hash_token(token);
    // Taken before the session is looked up, so that what ends it meanwhile counts.
    let now = CheckTime { clock: app.now(), instant: Instant::now() };
    if let Some(session) = app.sessions.get(&token_hash, now) {
        return Ok(OrgActor::from_session(&session, origin));
    }
    let mut tx = app.db.begin_system(SystemTask::Authenticate).await?;
    let session = sessions::find_by_token(&mut tx, &token_hash, now.clock).await?;
    tx.commit().await?;
    let who = OrgActor::from_session(&session, origin);
    app.sessions.insert(token_hash, session, now);
    Ok(who)
}

/// Checks that the session of an open stream has not ended, and lacks no second factor that its clinic requires meanwhile.
///
/// # Errors
/// `Unauthenticated` if it has, or does.
pub(super) async fn check(app: &App, session: SessionId) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Authenticate).await?;
    let session = sessions::find(&mut tx, session, app.now()).await?;
    tx.commit().await?;
    if session.proof.missing_step().is_none() { Ok(()) } else { Err(Error::Unauthenticated) }
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

/// The own sessions, in all clinics, newest first.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn list(app: &App, who: &OrgActor) -> Result<List<ActiveSession>, Error> {
    let (user, session) = who.require_member()?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let items = sessions::list(&mut tx, user, session, app.now()).await?;
    tx.commit().await?;
    Ok(List { items, next_cursor: None })
}

/// Ends one of the own sessions.
///
/// # Errors
/// `NotFound` if the user has no such session, or it has ended.
pub async fn end(app: &App, who: &OrgActor, session: SessionId) -> Result<(), Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let event = app.audit_event(AuditAction::SessionEnded, Some(session.uuid()));
    if !sessions::end_of_user(&mut tx, user, session, event.occurred_at).await? {
        return Err(Error::NotFound(Resource::Session));
    }
    audit::append_as(&mut tx, &event, AuditActor::from_org_actor(who)).await?;
    tx.commit().await
}

/// Ends all own sessions, in all clinics, the one that is used too.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn end_all(app: &App, who: &OrgActor) -> Result<(), Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let event = app.audit_event(AuditAction::SessionsEnded, Some(user.uuid()));
    let ended = sessions::end_all(&mut tx, user, None, event.occurred_at).await?;
    let event = event.with_details(json!({ "sessions": ended }));
    audit::append_as(&mut tx, &event, AuditActor::from_org_actor(who)).await?;
    tx.commit().await
}
