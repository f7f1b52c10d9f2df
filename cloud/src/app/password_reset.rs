//! A forgotten password is set anew by a mailed code. No answer tells whether an address has an account; whoever has the code
//! gets in, however many others are guessing.

use maneiro_api::{
    OrgId,
    account::{MailLanguage, SessionLevel},
    identity::{PasswordWasReset, RequestPasswordReset, ResetPassword},
};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{
    mails::{self, RESET_CODE, hash_code},
    rate_limits, sessions,
    sign_in_codes::{self, SignInCode},
};
use crate::{
    domain::{
        actor::RequestOrigin,
        audit::{AuditAction, AuditActor, AuditEvent},
        error::Error,
        notice::{NewMail, UserNotice},
        password_reset::{NewPasswordReset, RESET_LIFETIME, ResetCode},
        rate_limit::{GUESSES_PER_ACCOUNT, RateLimitSubject},
        validation::{Email, FieldErrors, NewPassword},
    },
    state::App,
    store::{
        self, SystemTask, SystemTx, audit, credentials,
        password_resets::{self, ResetAccount},
        sign_in_codes::CodeSignIn,
    },
};

/// Has a code mailed to the address of an account, once a minute at most. Other addresses take the same steps.
///
/// # Errors
/// `InvalidInput` if it is no e-mail address.
pub async fn request(app: &App, input: &RequestPasswordReset) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    let Some(email) = errors.check("email", Email::parse(&input.email)) else {
        return Err(errors.into_error());
    };
    let requested_at = app.now();
    let id = app.new_uuid();
    let code: ResetCode = mails::code(app, RESET_CODE, id).await?;
    let new = NewPasswordReset { id, email: email.clone(), code_hash: hash_code(&code), requested_at };
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    if password_resets::insert(&mut tx, &new).await? {
        let mail = NewMail {
            id,
            // Who it is, and in which language, is found when it is sent.
            user: None,
            recipient: email,
            language: MailLanguage::default(),
            notice: UserNotice::PasswordReset,
            created_at: requested_at,
        };
        mails::enqueue(app, &mut tx, &mail).await?;
    }
    tx.commit().await
}

/// A password that is set, in a transaction that is not committed yet.
struct SetPassword {
    tx: SystemTx,
    account: ResetAccount,
    hash: String,
    /// The clinic to act in.
    org: Option<OrgId>,
    event: AuditEvent,
}

/// Sets another password, ends every session of the user and signs them in with the password alone: a second factor is asked
/// for as after any sign-in.
///
/// # Errors
/// `CodeWrong` or `CodeExpired` if the code is none that was mailed; `InvalidInput` if the password is refused, which does not
/// use the code up.
pub async fn confirm(
    app: &App,
    input: ResetPassword,
    origin: RequestOrigin,
) -> Result<PasswordWasReset, Error> {
    let SetPassword { mut tx, account, hash, org, event } = set_password(app, input).await?;
    let started = match org {
        Some(org) => {
            let level = SessionLevel::Password;
            let started = sessions::start(app, &mut tx, org, account.user, level, &hash, &origin).await?;
            let actor = AuditActor::member(org, account.user, started.session.session, &origin);
            audit::append_as(&mut tx, &event, actor).await?;
            Some(started)
        }
        None => {
            audit::append_as(&mut tx, &event, AuditActor::anonymous(None, &origin)).await?;
            None
        }
    };
    tx.commit().await?;
    forget_guesses(app, &account).await;
    let session = match started {
        Some(started) => Some(started.into_login_response(app, origin).await?),
        None => None,
    };
    Ok(PasswordWasReset { session })
}

/// As [`confirm`], on a web page: instead of a session there is a code, with which the app signs in; none for a user who
/// belongs to no clinic.
///
/// # Errors
/// As [`confirm`].
pub async fn confirm_on_page(
    app: &App,
    input: ResetPassword,
    origin: &RequestOrigin,
) -> Result<Option<SignInCode>, Error> {
    let SetPassword { mut tx, account, org, event, .. } = set_password(app, input).await?;
    let code = match org {
        Some(org) => {
            let sign_in = CodeSignIn { org, user: account.user, level: SessionLevel::Password };
            Some(sign_in_codes::issue(app, &mut tx, sign_in).await?)
        }
        None => None,
    };
    audit::append_as(&mut tx, &event, AuditActor::anonymous(org, origin)).await?;
    tx.commit().await?;
    forget_guesses(app, &account).await;
    Ok(code)
}

async fn set_password(app: &App, input: ResetPassword) -> Result<SetPassword, Error> {
    let code = ResetCode::parse(input.code.expose_secret()).ok_or(Error::CodeWrong)?;
    let code_hash = hash_code(&code);
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let found = password_resets::find_by_code(&mut tx, &code_hash).await?;
    tx.commit().await?;
    let account = found.ok_or(Error::CodeWrong)?;
    if account.expires_at <= app.now() {
        return Err(Error::CodeExpired);
    }
    let mut errors = FieldErrors::default();
    let personal = [account.name.as_str(), account.email.as_str()];
    let new = NewPassword::parse(input.new_password, &personal);
    let Some(new) = errors.check("new_password", new) else { return Err(errors.into_error()) };
    let hash = app.passwords.hash(&new, &*app.random).await?;

    let user = account.user;
    let mut clinics = account.clinics.iter().copied();
    let org = match input.organization {
        Some(wanted) => clinics.find(|org| *org == wanted),
        None => clinics.next(),
    };
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    password_resets::use_up(&mut tx, user, &code_hash).await?;
    let event = app.audit_event(AuditAction::PasswordReset, Some(user.uuid()));
    let changed_at = event.occurred_at;
    credentials::set_password(&mut tx, user, &hash, changed_at).await?;
    store::sign_in_codes::delete_of_user(&mut tx, user).await?;
    let ended = store::sessions::end_all(&mut tx, user, None, changed_at).await?;
    let mail = NewMail {
        id: app.new_uuid(),
        user: Some(user),
        recipient: account.email.clone(),
        language: account.language,
        notice: UserNotice::PasswordChanged { changed_at },
        created_at: changed_at,
    };
    mails::enqueue(app, &mut tx, &mail).await?;
    let event = event.with_details(json!({ "sessions_ended": ended }));
    Ok(SetPassword { tx, account, hash, org, event })
}

/// Guesses at the password until now say nothing of the new one.
async fn forget_guesses(app: &App, account: &ResetAccount) {
    let guesses = RateLimitSubject::account(account.email.as_str());
    rate_limits::forget(app, &guesses, &GUESSES_PER_ACCOUNT).await;
}

/// Deletes requests whose code has been expired for a while; until then a late code is told from a wrong one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    password_resets::delete_expired(&mut tx, app.now() - RESET_LIFETIME).await?;
    tx.commit().await
}
