//! Mails to users: enqueued in the transaction of their cause, sent by a worker, and what became of them.

use maneiro_api::{TaskId, identity::SentMail, limits::MAX_LIST_ITEMS, record::List};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    domain::{
        actor::OrgActor,
        error::Error,
        notice::{MAIL_LIFETIME, NewMail, UserNotice},
        one_time_code::OneTimeCode,
        task::{NewTask, TaskKind},
    },
    mail::{ComposedMail, Mail},
    ports::{MailerError, OutgoingMail},
    state::App,
    store::{SystemTask, SystemTx, mails, password_resets, tasks},
};

/// Has a mail sent once the transaction is committed.
///
/// # Errors
/// `Unavailable` if the database is.
pub(super) async fn enqueue(app: &App, tx: &mut SystemTx, new: &NewMail) -> Result<(), Error> {
    mails::insert(tx, new).await?;
    let task = NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::Mail)
        .with_subject(new.id)
        .with_dedupe_key(format!("mail/{}", new.id.simple()));
    tasks::enqueue(tx, &task).await?;
    Ok(())
}

/// The code of a mail, which is stored nowhere. Codes for different purposes are independent.
///
/// # Errors
/// `Unavailable` if the key service is.
pub(super) async fn code<const CHARS: usize>(
    app: &App,
    purpose: &str,
    id: Uuid,
) -> Result<OneTimeCode<CHARS>, Error> {
    Ok(OneTimeCode::from_mac(&app.key_service.mac(purpose, id.as_bytes()).await?))
}

/// What a code is found by. A code of 100 bits needs no salt.
pub(super) fn hash_code<const CHARS: usize>(code: &OneTimeCode<CHARS>) -> [u8; 32] {
    Sha256::digest(code.to_bytes()).into()
}

/// Sends a mail, unless it was sent before or has no reader, and records what the mail server said.
///
/// # Errors
/// `Unavailable` if it can be sent later; `Rejected` if it never can.
pub async fn send(app: &App, id: Uuid) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let Some(mut waiting) = mails::find_waiting(&mut tx, id).await? else { return tx.commit().await };
    if waiting.notice == UserNotice::PasswordReset {
        let Some(account) = password_resets::find(&mut tx, id).await? else {
            mails::delete(&mut tx, id).await?;
            return tx.commit().await;
        };
        // As the user wrote it, not whoever asks.
        (waiting.recipient, waiting.language) = (account.email, account.language);
    }
    tx.commit().await?;

    let (reset, change);
    let mail = match &waiting.notice {
        UserNotice::PasswordReset => {
            reset = code(app, RESET_CODE, id).await?;
            Mail::PasswordReset { code: &reset, page: page(app, "account/reset/confirm")? }
        }
        UserNotice::EmailChange => {
            change = code(app, EMAIL_CHANGE_CODE, id).await?;
            Mail::EmailChange { code: &change, page: page(app, "account/email/confirm")? }
        }
        notice => Mail::UserNotice(notice),
    };
    let ComposedMail { subject, text, html } = mail.compose(waiting.language);
    let to = waiting.recipient.as_str().to_owned();
    let sent = app.mailer.send(&OutgoingMail { id, to, subject, text, html, sent_at: app.now() }).await;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    match &sent {
        Ok(()) => mails::record_sent(&mut tx, id, app.now()).await?,
        Err(MailerError::Refused(answer)) => {
            mails::record_refusal(&mut tx, id, &answer.to_string(), app.now()).await?;
        }
        Err(MailerError::Unavailable(_)) => {}
    }
    tx.commit().await?;
    sent.map_err(Error::from)
}

/// The purpose of the code that sets a password.
pub(super) const RESET_CODE: &str = "password-reset-code";

/// The purpose of the code that proves a new address.
pub(super) const EMAIL_CHANGE_CODE: &str = "email-change-code";

fn page(app: &App, path: &str) -> Result<url::Url, Error> {
    app.public_url.join(path).map_err(Error::internal)
}

impl From<MailerError> for Error {
    fn from(error: MailerError) -> Self {
        match error {
            MailerError::Unavailable(_) => Self::unavailable(error),
            MailerError::Refused(_) => Self::Rejected(error.into()),
        }
    }
}

/// The mails to the user, newest first.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn list(app: &App, who: &OrgActor) -> Result<List<SentMail>, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let items = mails::list(&mut tx, user, MAX_LIST_ITEMS).await?;
    tx.commit().await?;
    Ok(List { items, next_cursor: None })
}

/// Deletes mails after thirty days.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_old(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    mails::delete_old(&mut tx, app.now() - MAIL_LIFETIME).await?;
    tx.commit().await
}
