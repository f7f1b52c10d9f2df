//! Changes of e-mail addresses that wait for their mailed code.

use maneiro_api::{OrgId, UserId, account::MailLanguage};
use time::OffsetDateTime;

use super::{SystemTx, enum_text::from_text};
use crate::domain::{
    email_change::{EMAIL_CHANGE_RESEND_DELAY, NewEmailChange},
    error::Error,
    validation::Email,
};

/// Stores a change in place of an earlier one of the user, unless that is a moment old. Returns whether it is stored.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn upsert(tx: &mut SystemTx, new: &NewEmailChange) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.email_changes as c (id, user_id, new_email, code_hash, requested_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (user_id) do update
         set id = excluded.id, new_email = excluded.new_email, code_hash = excluded.code_hash,
             requested_at = excluded.requested_at, expires_at = excluded.expires_at
         where c.requested_at <= $7",
        new.id,
        new.user.uuid(),
        new.new_email.as_str(),
        &new.code_hash,
        new.requested_at,
        new.expires_at(),
        new.requested_at - EMAIL_CHANGE_RESEND_DELAY,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether an address is that of an account, regardless of case.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn is_taken(tx: &mut SystemTx, email: &Email) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from maneiro.users where lower(email) = lower($1)) as "taken!""#,
        email.as_str()
    )
    .fetch_one(tx.conn())
    .await?)
}

/// A change whose code came back.
#[derive(Debug)]
pub struct ConfirmedChange {
    pub user: UserId,
    pub old_email: Email,
    pub new_email: Email,
    pub language: MailLanguage,
    /// The clinic that the user joined first.
    pub clinic: Option<OrgId>,
    pub expires_at: OffsetDateTime,
}

/// Takes the change that a code belongs to out of the list.
///
/// # Errors
/// `CodeWrong` if there is none.
pub async fn take(tx: &mut SystemTx, code_hash: &[u8; 32]) -> Result<ConfirmedChange, Error> {
    let row = sqlx::query!(
        r#"delete from maneiro.email_changes c using maneiro.users u
           where c.code_hash = $1 and u.id = c.user_id and u.disabled_at is null
           returning c.user_id, c.new_email, c.expires_at, u.email as old_email, u.language,
                     (select m.org_id from maneiro.memberships m where m.user_id = c.user_id and m.ended_at is null
                      order by m.created_at, m.org_id limit 1) as clinic"#,
        code_hash,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::CodeWrong)?;
    let address =
        |text: &str| Email::parse(text).map_err(|message| Error::internal(anyhow::anyhow!(message)));
    Ok(ConfirmedChange {
        user: UserId::from_uuid(row.user_id),
        old_email: address(&row.old_email)?,
        new_email: address(&row.new_email)?,
        language: from_text(&row.language)?,
        clinic: row.clinic.map(OrgId::from_uuid),
        expires_at: row.expires_at,
    })
}

/// Gives a user another address, which has been proved.
///
/// # Errors
/// `CodeExpired` if the address has got an account meanwhile.
pub async fn apply(
    tx: &mut SystemTx,
    user: UserId,
    new_email: &Email,
    verified_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.users set email = $2, email_verified_at = $3 where id = $1",
        user.uuid(),
        new_email.as_str(),
        verified_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(tx: &mut SystemTx, before: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.email_changes where expires_at < $1", before)
        .execute(tx.conn())
        .await?;
    Ok(())
}
