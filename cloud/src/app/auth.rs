//! Registration, sign-in, sign-out. Second factor, password reset and invitations belong here too.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maneiro_api::{
    OrgId, RequestId, SessionId, UserId,
    account::{Login, LoginResponse, Me, Register, Usage},
    seal::SealingKey,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::{
    domain::{
        actor::{OrgActor, ValidSession},
        audit::AuditAction,
        error::Error,
        plan::Subscription,
        quota_period::QuotaPeriod,
        validation::{Email, FieldErrors, NewPassword, Title},
    },
    state::App,
    store::{
        OrgTx, SystemTask, SystemTx,
        accounts::{self, Account, NewClinic},
        audit::{self, AuditActor},
        sessions::{self, NewSession, TokenHash},
        usage,
    },
};

/// A session ends this long after it began, used or not.
const SESSION_LIFETIME: Duration = Duration::hours(12);

/// Creates a clinic with its first admin on a trial, and signs the admin in.
///
/// # Errors
/// `InvalidInput` with every invalid field; `Conflict(EmailTaken)` if the e-mail address has an account.
pub async fn register(app: &App, input: Register, request: RequestId) -> Result<LoginResponse, Error> {
    let mut errors = FieldErrors::default();
    let clinic = errors.check("clinic", Title::parse(&input.clinic));
    let name = errors.check("name", Title::parse(&input.name));
    let email = errors.check("email", Email::parse(&input.email));
    let password = errors.check("password", NewPassword::parse(input.password));
    let (Some(clinic), Some(name), Some(email), Some(password)) = (clinic, name, email, password) else {
        return Err(errors.into_error());
    };

    let org = OrgId::from_uuid(app.new_uuid());
    let user = UserId::from_uuid(app.new_uuid());
    let password_hash = app.passwords.hash(&password, &*app.random).await?;
    let wrapped_key = app.key_service.wrap(org, &SealingKey::new(app.random_bytes())).await?;
    let created_at = app.now();
    let new = NewClinic {
        org,
        clinic: &clinic,
        subscription: &app.plans.new_clinic_subscription(created_at),
        wrapped_key: &wrapped_key,
        user,
        name: &name,
        email: &email,
        password_hash: &password_hash,
        created_at,
    };

    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    accounts::insert_clinic(&mut tx, &new).await?;
    let actor = AuditActor { org: Some(org), kind: "member", id: Some(user.uuid()), request: Some(request) };
    let event = app.audit_event(AuditAction::ClinicRegistered, Some(org.uuid()));
    audit::append_as(&mut tx, &event, actor).await?;
    let started = start_session(app, &mut tx, org, user).await?;
    tx.commit().await?;
    started.into_login_response(app, request).await
}

/// Signs a user in. An unknown e-mail address costs as much as a known one.
///
/// # Errors
/// `InvalidCredentials` whatever does not match: e-mail address, password, or clinic.
pub async fn login(app: &App, input: Login, request: RequestId) -> Result<LoginResponse, Error> {
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let account = match Email::parse(&input.email) {
        Ok(email) => accounts::find_by_email(&mut tx, &email).await?,
        // No account has a malformed e-mail address.
        Err(_) => None,
    };
    tx.commit().await?;

    // The limit of attempts per account belongs here, before the password is verified.
    let stored = account.as_ref().map(|account| account.password_hash.as_str());
    let matches = app.passwords.verify(&input.password, stored).await?;
    let org = account.as_ref().and_then(|account| select_clinic(account, input.organization));

    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let user = account.as_ref().map(|account| account.user);
    let (Some(user), Some(org), true) = (user, org, matches) else {
        let actor = AuditActor {
            org: org.or_else(|| account.as_ref().and_then(|account| select_clinic(account, None))),
            kind: "anonymous",
            id: None,
            request: Some(request),
        };
        let event = app.audit_event(AuditAction::LoginFailed, user.map(UserId::uuid));
        audit::append_as(&mut tx, &event, actor).await?;
        tx.commit().await?;
        return Err(Error::InvalidCredentials);
    };
    let started = start_session(app, &mut tx, org, user).await?;
    let actor = AuditActor { org: Some(org), kind: "member", id: Some(user.uuid()), request: Some(request) };
    let subject = started.session.session.uuid();
    let event = app.audit_event(AuditAction::LoginSucceeded, Some(subject));
    audit::append_as(&mut tx, &event, actor).await?;
    tx.commit().await?;
    started.into_login_response(app, request).await
}

/// The requested clinic if the user is a member of it; without a request, the clinic they joined first.
fn select_clinic(account: &Account, requested: Option<OrgId>) -> Option<OrgId> {
    let mut clinics = account.memberships.iter().map(|(org, _)| *org);
    match requested {
        Some(requested) => clinics.find(|org| *org == requested),
        None => clinics.next(),
    }
}

struct StartedSession {
    token: SecretString,
    expires_at: OffsetDateTime,
    session: ValidSession,
}

async fn start_session(
    app: &App,
    tx: &mut SystemTx,
    org: OrgId,
    user: UserId,
) -> Result<StartedSession, Error> {
    let token = SecretString::from(URL_SAFE_NO_PAD.encode(app.random_bytes::<32>()));
    let token_hash = hash_token(&token);
    let created_at = app.now();
    let expires_at = created_at + SESSION_LIFETIME;
    let id = SessionId::from_uuid(app.new_uuid());
    sessions::insert(tx, &NewSession { id, org, user, token_hash, created_at, expires_at }).await?;
    let session = sessions::authenticate(tx, &token_hash, created_at).await?;
    Ok(StartedSession { token, expires_at, session })
}

impl StartedSession {
    async fn into_login_response(self, app: &App, request: RequestId) -> Result<LoginResponse, Error> {
        let me = me(app, &OrgActor::from_session(&self.session, request)).await?;
        Ok(LoginResponse { token: self.token, expires_at: self.expires_at, me })
    }
}

fn hash_token(token: &SecretString) -> TokenHash {
    Sha256::digest(token.expose_secret()).into()
}

/// The actor of a token.
///
/// # Errors
/// `Unauthenticated` if the token is unknown, expired or revoked.
pub async fn authenticate(app: &App, token: &SecretString, request: RequestId) -> Result<OrgActor, Error> {
    let mut tx = app.db.begin_system(SystemTask::Authenticate).await?;
    let session = sessions::authenticate(&mut tx, &hash_token(token), app.now()).await?;
    tx.commit().await?;
    Ok(OrgActor::from_session(&session, request))
}

/// Ends the actor's session. A session that another request has just ended is ended: that is a success without an event.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn logout(app: &App, who: &OrgActor) -> Result<(), Error> {
    let (_, session) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    let event = app.audit_event(AuditAction::SessionEnded, Some(session.uuid()));
    if sessions::revoke(&mut tx, session, event.occurred_at).await? {
        audit::append(&mut tx, &event).await?;
    }
    tx.commit().await
}

/// The actor's account and clinic, and what is left of the clinic's plan.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn me(app: &App, who: &OrgActor) -> Result<Me, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    let identity = accounts::identity(&mut tx, user).await?;
    let usage = current_usage(app, &mut tx, &identity.subscription).await?;
    tx.commit().await?;
    Ok(Me {
        user,
        name: identity.name,
        email: identity.email,
        organization: who.org(),
        clinic: identity.clinic,
        role: identity.role,
        usage,
    })
}

async fn current_usage(app: &App, tx: &mut OrgTx, subscription: &Subscription) -> Result<Usage, Error> {
    let now = app.now();
    let period = QuotaPeriod::containing(now);
    let plan = app.plans.effective_plan(subscription, now);
    Ok(Usage {
        plan: plan.key.clone(),
        trial_ends_at: subscription.trial_ends_at,
        analyses_used: usage::used(tx, period).await?,
        analyses_limit: plan.analyses_per_month.map(std::num::NonZero::get),
        resets_at: period.end(),
    })
}
