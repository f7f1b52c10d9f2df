//! Registration, sign-in, sign-out. A second factor, reset and invitations will stand beside these.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maneiro_api::{
    OrgId, RequestId, SessionId, UserId,
    account::{Login, LoginResponse, Me, Register, Usage},
    seal::Key,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::{
    domain::{
        actor::{OrgActor, ValidSession},
        audit::Deed,
        error::Error,
        fields::{Email, Fields, NewPassword, Title},
        period::Period,
        plan::Subscription,
    },
    state::App,
    store::{
        OrgTx, SystemTask, SystemTx,
        accounts::{self, Account, NewClinic},
        audit::{self, By},
        sessions::{self, NewSession, TokenHash},
        usage,
    },
};

/// A session ends this long after it began, used or not.
const SESSION_LASTS: Duration = Duration::hours(12);

/// Makes a clinic with its first admin on a trial, and signs the admin in.
///
/// # Errors
/// `Invalid` with every field that is refused; `Conflict(EmailTaken)` if the address has an account.
pub async fn register(app: &App, input: Register, request: RequestId) -> Result<LoginResponse, Error> {
    let mut fields = Fields::default();
    let clinic = fields.take("clinic", Title::parse(&input.clinic));
    let name = fields.take("name", Title::parse(&input.name));
    let email = fields.take("email", Email::parse(&input.email));
    let password = fields.take("password", NewPassword::parse(input.password));
    let (Some(clinic), Some(name), Some(email), Some(password)) = (clinic, name, email, password) else {
        return Err(fields.refusal());
    };

    let org = OrgId::from_uuid(app.uuid());
    let user = UserId::from_uuid(app.uuid());
    let password_hash = app.passwords.hash(&password, &*app.random).await?;
    let wrapped_key = app.keys.wrap(org, &Key::new(app.bytes())).await?;
    let at = app.now();
    let new = NewClinic {
        org,
        clinic: &clinic,
        subscription: &app.plans.for_new_clinic(at),
        wrapped_key: &wrapped_key,
        user,
        name: &name,
        email: &email,
        password_hash: &password_hash,
        at,
    };

    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    accounts::add_clinic(&mut tx, &new).await?;
    let by = By { org: Some(org), kind: "member", id: Some(user.uuid()), request: Some(request) };
    audit::add_before_sign_in(&mut tx, &app.event(Deed::ClinicRegistered, Some(org.uuid())), by).await?;
    let started = start_session(app, &mut tx, org, user).await?;
    tx.commit().await?;
    started.greet(app, request).await
}

/// Signs a person in. An unknown address costs as much as a known one.
///
/// # Errors
/// `WrongCredentials` whatever does not fit: address, password, or clinic.
pub async fn login(app: &App, input: Login, request: RequestId) -> Result<LoginResponse, Error> {
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let account = match Email::parse(&input.email) {
        Ok(email) => accounts::find(&mut tx, &email).await?,
        // Nobody registered with what is no address.
        Err(_) => None,
    };
    tx.commit().await?;

    // The limit of guesses per account belongs here, before the password is looked at.
    let stored = account.as_ref().map(|account| account.password_hash.as_str());
    let fits = app.passwords.verify(&input.password, stored).await?;
    let org = account.as_ref().and_then(|account| clinic_to_enter(account, input.organization));

    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let user = account.as_ref().map(|account| account.user);
    let (Some(user), Some(org), true) = (user, org, fits) else {
        let by = By {
            org: org.or_else(|| account.as_ref().and_then(|account| clinic_to_enter(account, None))),
            kind: "anonymous",
            id: None,
            request: Some(request),
        };
        audit::add_before_sign_in(&mut tx, &app.event(Deed::LoginFailed, user.map(UserId::uuid)), by).await?;
        tx.commit().await?;
        return Err(Error::WrongCredentials);
    };
    let started = start_session(app, &mut tx, org, user).await?;
    let by = By { org: Some(org), kind: "member", id: Some(user.uuid()), request: Some(request) };
    let subject = started.session.session.uuid();
    audit::add_before_sign_in(&mut tx, &app.event(Deed::LoginSucceeded, Some(subject)), by).await?;
    tx.commit().await?;
    started.greet(app, request).await
}

/// The clinic that was asked for if the person belongs to it, else the one they joined first.
fn clinic_to_enter(account: &Account, asked: Option<OrgId>) -> Option<OrgId> {
    let mut clinics = account.memberships.iter().map(|(org, _)| *org);
    match asked {
        Some(asked) => clinics.find(|org| *org == asked),
        None => clinics.next(),
    }
}

struct Started {
    token: SecretString,
    expires_at: OffsetDateTime,
    session: ValidSession,
}

async fn start_session(app: &App, tx: &mut SystemTx, org: OrgId, user: UserId) -> Result<Started, Error> {
    let token = SecretString::from(URL_SAFE_NO_PAD.encode(app.bytes::<32>()));
    let token_hash = hash_token(&token);
    let at = app.now();
    let expires_at = at + SESSION_LASTS;
    let id = SessionId::from_uuid(app.uuid());
    sessions::add(tx, &NewSession { id, org, user, token_hash, at, expires_at }).await?;
    let session = sessions::authenticate(tx, &token_hash, at).await?;
    Ok(Started { token, expires_at, session })
}

impl Started {
    async fn greet(self, app: &App, request: RequestId) -> Result<LoginResponse, Error> {
        let me = me(app, &OrgActor::member(&self.session, request)).await?;
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
    Ok(OrgActor::member(&session, request))
}

/// Ends the actor's session.
///
/// # Errors
/// `Denied` if no person acts.
pub async fn logout(app: &App, who: &OrgActor) -> Result<(), Error> {
    let (_, session) = who.user()?;
    let mut tx = app.db.begin_org(who).await?;
    let event = app.event(Deed::LoggedOut, Some(session.uuid()));
    sessions::revoke(&mut tx, session, event.at).await?;
    audit::add(&mut tx, &event).await?;
    tx.commit().await
}

/// Who the actor is, and what is left of the clinic's plan.
///
/// # Errors
/// `Denied` if no person acts.
pub async fn me(app: &App, who: &OrgActor) -> Result<Me, Error> {
    let (user, _) = who.user()?;
    let mut tx = app.db.begin_org(who).await?;
    let identity = accounts::identity(&mut tx, user).await?;
    let usage = usage_now(app, &mut tx, &identity.subscription).await?;
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

async fn usage_now(app: &App, tx: &mut OrgTx, subscription: &Subscription) -> Result<Usage, Error> {
    let now = app.now();
    let period = Period::of(now);
    let plan = app.plans.in_force(subscription, now);
    Ok(Usage {
        plan: plan.key.clone(),
        trial_ends_at: subscription.trial_ends_at,
        analyses_used: usage::used(tx, period).await?,
        analyses_limit: plan.analyses_per_month.map(std::num::NonZero::get),
        resets_at: period.end(),
    })
}
