//! A user's e-mail address changes once a code that was mailed to the new one comes back. Both addresses are told.

use maneiro_api::identity::{ChangeEmail, ConfirmEmailChange};
use secrecy::ExposeSecret as _;

use super::{
    mails::{self, EMAIL_CHANGE_CODE, hash_code},
    own_password,
};
use crate::{
    domain::{
        actor::{OrgActor, RequestOrigin},
        audit::{AuditAction, AuditActor},
        email_change::{EMAIL_CHANGE_LIFETIME, EMAIL_CHANGE_RESEND_DELAY, EmailChangeCode, NewEmailChange},
        error::Error,
        notice::{NewMail, UserNotice},
        validation::{Email, FieldErrors},
    },
    state::App,
    store::{SystemTask, accounts, audit, email_changes, password_resets},
};

/// Has a code mailed to the new address, and tells the present one. The answer does not tell whether the new one has an
/// account: the mail to it says so.
///
/// # Errors
/// `InvalidInput` if it is no e-mail address or the password is wrong; `TooManyRequests` within a minute of another request.
pub async fn request(app: &App, who: &OrgActor, input: &ChangeEmail) -> Result<(), Error> {
    let (user, _) = who.require_member()?;
    let mut errors = FieldErrors::default();
    let Some(new_email) = errors.check("new_email", Email::parse(&input.new_email)) else {
        return Err(errors.into_error());
    };
    own_password::require(app, who, user, &input.password, "password", AuditAction::PasswordCheckFailed)
        .await?;

    let id = app.new_uuid();
    let code: EmailChangeCode = mails::code(app, EMAIL_CHANGE_CODE, id).await?;
    let event = app.audit_event(AuditAction::EmailChangeRequested, Some(user.uuid()));
    let requested_at = event.occurred_at;
    let code_hash = hash_code(&code);
    let new = NewEmailChange { id, user, new_email: new_email.clone(), code_hash, requested_at };
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let contact = accounts::contact(&mut tx, user).await?;
    if !email_changes::upsert(&mut tx, &new).await? {
        return Err(Error::TooManyRequests { retry_after: EMAIL_CHANGE_RESEND_DELAY.unsigned_abs() });
    }
    let is_taken = email_changes::is_taken(&mut tx, &new_email).await?;
    let shown = new_email.as_str().to_owned();
    let to_new = NewMail {
        id,
        // It may be another's address, whose mails are not shown to this user.
        user: (!is_taken).then_some(user),
        recipient: new_email,
        language: contact.language,
        notice: if is_taken { UserNotice::EmailTaken } else { UserNotice::EmailChange },
        created_at: requested_at,
    };
    let to_present = NewMail {
        id: app.new_uuid(),
        user: Some(user),
        recipient: contact.email,
        language: contact.language,
        notice: UserNotice::EmailChangeRequested { new_email: shown },
        created_at: requested_at,
    };
    mails::enqueue(app, &mut tx, &to_new).await?;
    mails::enqueue(app, &mut tx, &to_present).await?;
    audit::append_as(&mut tx, &event, AuditActor::from_org_actor(who)).await?;
    tx.commit().await
}

/// Makes the new address the user's. Codes that were mailed to the old one are void.
///
/// # Errors
/// `CodeWrong` if the code is none that was mailed; `CodeExpired` if it is too late, or another account has the address now.
pub async fn confirm(app: &App, input: &ConfirmEmailChange, origin: &RequestOrigin) -> Result<(), Error> {
    let code = EmailChangeCode::parse(input.code.expose_secret()).ok_or(Error::CodeWrong)?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let change = email_changes::take(&mut tx, &hash_code(&code)).await?;
    if change.expires_at <= app.now() {
        return Err(Error::CodeExpired);
    }
    let event = app.audit_event(AuditAction::EmailChanged, Some(change.user.uuid()));
    email_changes::apply(&mut tx, change.user, &change.new_email, event.occurred_at).await?;
    password_resets::delete_of_user(&mut tx, change.user).await?;
    for recipient in [&change.old_email, &change.new_email] {
        let mail = NewMail {
            id: app.new_uuid(),
            user: Some(change.user),
            recipient: recipient.clone(),
            language: change.language,
            notice: UserNotice::EmailChanged { new_email: change.new_email.as_str().to_owned() },
            created_at: event.occurred_at,
        };
        mails::enqueue(app, &mut tx, &mail).await?;
    }
    audit::append_as(&mut tx, &event, AuditActor::anonymous(change.clinic, origin)).await?;
    tx.commit().await
}

/// Deletes changes whose code has been expired for a while.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    email_changes::delete_expired(&mut tx, app.now() - EMAIL_CHANGE_LIFETIME).await?;
    tx.commit().await
}
