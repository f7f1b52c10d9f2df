//! Sign-in and the change of a password.

use maneiro_api::{
    OrgId,
    account::{ChangePassword, Login, LoginResponse, SessionLevel},
};
use secrecy::SecretString;
use serde_json::json;

use super::{
    mails, own_password, rate_limits, sessions,
    sign_in_codes::{self, SignInCode},
};
use crate::{
    domain::{
        actor::{OrgActor, RequestOrigin},
        audit::{AuditAction, AuditActor},
        error::Error,
        notice::{NewMail, UserNotice},
        rate_limit::{GUESSES_PER_ACCOUNT, RateLimitSubject},
        validation::{Email, FieldErrors, NewPassword},
    },
    state::{App, passwords::PasswordHasher},
    store::{
        self, SystemTask,
        accounts::{self, Account, FoundAccount},
        audit, credentials,
        sign_in_codes::CodeSignIn,
    },
};

/// Who claims to sign in, and whether their password is right.
pub(super) struct PasswordCheck {
    pub(super) account: Option<Account>,
    pub(super) password_matches: bool,
}

/// Looks an account up and verifies its password. An unknown e-mail address takes the same statements and the same time as a
/// known one.
///
/// # Errors
/// `TooManyRequests` after too many guesses of the account's password; `Unavailable` if the database is, if guesses cannot be
/// counted, or if too many sign-ins are waiting.
pub(super) async fn verify(app: &App, email: &str, password: &SecretString) -> Result<PasswordCheck, Error> {
    let guesses = RateLimitSubject::account(email);
    rate_limits::require(app, &guesses, &GUESSES_PER_ACCOUNT).await?;

    // No account has a malformed e-mail address.
    let email = Email::parse(email).ok();
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let FoundAccount { mut account, schemes } = accounts::find_by_email(&mut tx, email.as_ref()).await?;
    tx.commit().await?;

    let stored = account.as_ref().map(|account| account.password_hash.as_str());
    let mut password_matches = app.passwords.verify(password, stored, &schemes).await?;
    if password_matches {
        // It was no guess.
        rate_limits::discount(app, &guesses, &GUESSES_PER_ACCOUNT).await;
    }
    if let (Some(account), true) = (&mut account, password_matches)
        && PasswordHasher::is_outdated(&account.password_hash)
    {
        password_matches = upgrade_hash(app, account, password).await?;
    }
    Ok(PasswordCheck { account, password_matches })
}

/// Replaces a hash that is weaker than what is made now, before a session begins that depends on it. Returns whether the
/// password is still the account's.
async fn upgrade_hash(app: &App, account: &mut Account, password: &SecretString) -> Result<bool, Error> {
    let stronger = app.passwords.hash_verified(password, &*app.random).await?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let stored = credentials::upgrade_hash(&mut tx, account.user, &account.password_hash, &stronger).await?;
    tx.commit().await?;
    let Some(stored) = stored else { return Ok(false) };
    // Another sign-in may have replaced it first, or the user may have changed the password meanwhile.
    let still_matches = stored == stronger || app.passwords.verify(password, Some(&stored), &[]).await?;
    account.password_hash = stored;
    Ok(still_matches)
}

/// Records a sign-in that failed.
///
/// # Errors
/// `InvalidCredentials`, if nothing else fails.
pub(super) async fn fail_login<T>(
    app: &App,
    account: Option<&Account>,
    org: Option<OrgId>,
    origin: &RequestOrigin,
) -> Result<T, Error> {
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let event = app.audit_event(AuditAction::LoginFailed, account.map(|account| account.user.uuid()));
    audit::append_as(&mut tx, &event, AuditActor::anonymous(org, origin)).await?;
    tx.commit().await?;
    Err(Error::InvalidCredentials)
}

/// Signs a user in.
///
/// # Errors
/// `InvalidCredentials` whatever does not match: e-mail address, password, or clinic.
pub async fn login(app: &App, input: Login, origin: RequestOrigin) -> Result<LoginResponse, Error> {
    let PasswordCheck { account, password_matches } = verify(app, &input.email, &input.password).await?;
    let org = account.as_ref().and_then(|account| select_clinic(account, input.organization));
    if let (Some(account), Some(org), true) = (&account, org, password_matches) {
        let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
        match sessions::start(
            app,
            &mut tx,
            org,
            account.user,
            SessionLevel::Password,
            &account.password_hash,
            &origin,
        )
        .await
        {
            Ok(started) => {
                let session = started.session.session;
                let event = app.audit_event(AuditAction::LoginSucceeded, Some(session.uuid()));
                let actor = AuditActor::member(org, account.user, session, &origin);
                audit::append_as(&mut tx, &event, actor).await?;
                tx.commit().await?;
                return started.into_login_response(app, origin).await;
            }
            // The password was changed, or the right to sign in ended, while it was verified.
            Err(Error::InvalidCredentials) => {}
            Err(error) => return Err(error),
        }
    }
    let org = org.or_else(|| account.as_ref().and_then(|account| select_clinic(account, None)));
    fail_login(app, account.as_ref(), org, &origin).await
}

/// Verifies a sign-in on a web page, and makes the code with which the app begins the session.
///
/// # Errors
/// As [`login`].
pub async fn login_on_page(app: &App, input: &Login, origin: &RequestOrigin) -> Result<SignInCode, Error> {
    let PasswordCheck { account, password_matches } = verify(app, &input.email, &input.password).await?;
    let org = account.as_ref().and_then(|account| select_clinic(account, input.organization));
    if let (Some(account), Some(org), true) = (&account, org, password_matches) {
        let sign_in = CodeSignIn { org, user: account.user, level: SessionLevel::Password };
        let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
        let code = sign_in_codes::issue(app, &mut tx, sign_in).await?;
        tx.commit().await?;
        return Ok(code);
    }
    fail_login(app, account.as_ref(), org, origin).await
}

/// The requested clinic if the user is a member of it; without a request, the clinic they joined first.
fn select_clinic(account: &Account, requested: Option<OrgId>) -> Option<OrgId> {
    let mut clinics = account.clinics.iter().copied();
    match requested {
        Some(requested) => clinics.find(|org| *org == requested),
        None => clinics.next(),
    }
}

/// Changes the own password and ends every other session of the user, in all clinics.
///
/// # Errors
/// `InvalidInput` if the current password is wrong, or the new one is refused; `TooManyRequests` after too many wrong ones.
pub async fn change_password(app: &App, who: &OrgActor, input: ChangePassword) -> Result<(), Error> {
    let (user, session) = who.require_member()?;
    let mut errors = FieldErrors::default();
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let contact = accounts::contact(&mut tx, user).await?;
    tx.commit().await?;
    let personal = [contact.name.as_str(), contact.email.as_str()];
    let new = NewPassword::parse(input.new_password, &personal);
    let Some(new) = errors.check("new_password", new) else { return Err(errors.into_error()) };
    let (field, failure) = ("current_password", AuditAction::PasswordChangeFailed);
    let current = own_password::require(app, who, user, &input.current_password, field, failure).await?;
    let new = app.passwords.hash(&new, &*app.random).await?;

    let actor = AuditActor::from_org_actor(who);
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let event = app.audit_event(AuditAction::PasswordChanged, Some(user.uuid()));
    // Another request may have changed it meanwhile.
    if credentials::change_password(&mut tx, user, &current, &new, event.occurred_at).await? {
        store::sign_in_codes::delete_of_user(&mut tx, user).await?;
        let ended = store::sessions::end_all(&mut tx, user, Some(session), event.occurred_at).await?;
        let mail = NewMail {
            id: app.new_uuid(),
            user: Some(user),
            recipient: contact.email,
            language: contact.language,
            notice: UserNotice::PasswordChanged { changed_at: event.occurred_at },
            created_at: event.occurred_at,
        };
        mails::enqueue(app, &mut tx, &mail).await?;
        audit::append_as(&mut tx, &event.with_details(json!({ "sessions_ended": ended })), actor).await?;
        return tx.commit().await;
    }
    tx.commit().await?;
    own_password::fail(app, who, user, field, failure).await
}
