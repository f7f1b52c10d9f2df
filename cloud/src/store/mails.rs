//! Mails to users: what they say until they are sent, and what became of them.

use maneiro_api::{
    UserId,
    account::MailLanguage,
    identity::{MailState, SentMail},
};
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    SystemTx,
    enum_text::{from_text, to_text},
};
use crate::domain::{
    error::Error,
    notice::{NewMail, UserNotice},
    validation::Email,
};

/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(tx: &mut SystemTx, new: &NewMail) -> Result<(), Error> {
    insert_with(tx.conn(), new).await
}

pub(super) async fn insert_with(conn: impl PgExecutor<'_>, new: &NewMail) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.mails (id, user_id, recipient, language, kind, notice, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        new.id,
        new.user.map(UserId::uuid),
        new.recipient.as_str(),
        to_text(&new.language),
        new.notice.kind(),
        serde_json::to_value(&new.notice).map_err(Error::internal)?,
        new.created_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A mail that waits to be sent.
#[derive(Debug)]
pub struct WaitingMail {
    pub recipient: Email,
    pub language: MailLanguage,
    pub notice: UserNotice,
}

/// A mail that was neither sent nor refused.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_waiting(tx: &mut SystemTx, id: Uuid) -> Result<Option<WaitingMail>, Error> {
    let row = sqlx::query!(
        "select recipient, language, notice from maneiro.mails
         where id = $1 and sent_at is null and refused_at is null",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        Ok(WaitingMail {
            recipient: Email::parse(&row.recipient)
                .map_err(|message| Error::internal(anyhow::anyhow!(message)))?,
            language: from_text(&row.language)?,
            notice: serde_json::from_value(row.notice).map_err(Error::internal)?,
        })
    })
    .transpose()
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn record_sent(tx: &mut SystemTx, id: Uuid, sent_at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("update maneiro.mails set sent_at = $2 where id = $1", id, sent_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Stores that the mail server refused a mail for good, and its answer.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn record_refusal(
    tx: &mut SystemTx,
    id: Uuid,
    refusal: &str,
    refused_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.mails set refused_at = $3, refusal = left($2, 200) where id = $1",
        id,
        refusal,
        refused_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes a mail that is not to be sent.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete(tx: &mut SystemTx, id: Uuid) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.mails where id = $1", id).execute(tx.conn()).await?;
    Ok(())
}

/// The mails to a user, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(tx: &mut SystemTx, user: UserId, limit: u32) -> Result<Vec<SentMail>, Error> {
    let rows = sqlx::query!(
        "select kind, recipient, created_at, sent_at, refused_at, refusal from maneiro.mails
         where user_id = $1 order by created_at desc, id desc limit $2",
        user.uuid(),
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    let mails = rows.into_iter().map(|row| SentMail {
        kind: row.kind,
        recipient: row.recipient,
        created_at: row.created_at,
        state: match (row.sent_at, row.refused_at) {
            (Some(_), _) => MailState::Sent,
            (None, Some(_)) => MailState::Rejected,
            (None, None) => MailState::Waiting,
        },
        server_answer: row.refusal,
    });
    Ok(mails.collect())
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_old(tx: &mut SystemTx, before: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.mails where created_at < $1", before).execute(tx.conn()).await?;
    Ok(())
}
