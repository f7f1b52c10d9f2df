//! Registrations that wait for their mailed code. Whether an address has an account is looked up by the statement that
//! stores the registration, so that a known and an unknown address take the same statements.

use maneiro_api::RegistrationId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    SystemTx,
    enum_text::{from_text, to_text},
    error::expect_rows,
};
use crate::domain::{
    error::Error,
    registration::{MAX_CODE_TRIES, NewRegistration, PendingRegistration, RESEND_DELAY},
    validation::Email,
};

struct RegistrationRow {
    id: Uuid,
    email: String,
    language: String,
    has_account: bool,
    code_tries: i32,
    expires_at: OffsetDateTime,
}

impl TryFrom<RegistrationRow> for PendingRegistration {
    type Error = Error;

    fn try_from(row: RegistrationRow) -> Result<Self, Error> {
        Ok(Self {
            id: RegistrationId::from_uuid(row.id),
            email: Email::parse(&row.email).map_err(|message| Error::internal(anyhow::anyhow!(message)))?,
            language: from_text(&row.language)?,
            has_account: row.has_account,
            code_tries: u32::try_from(row.code_tries).map_err(Error::internal)?,
            expires_at: row.expires_at,
        })
    }
}

/// Stores a registration in place of an earlier one of the address, whose code then ends. Returns whether it was stored:
/// not if the earlier one was requested a moment ago.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn upsert(tx: &mut SystemTx, new: &NewRegistration) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.registrations as r (id, email, language, has_account, requested_at, expires_at)
         values ($1, $2, $3, exists (select from maneiro.users where lower(email) = lower($2)), $4, $5)
         on conflict (lower(email)) do update
         set id = excluded.id, email = excluded.email, language = excluded.language, has_account = excluded.has_account,
             code_tries = 0, requested_at = excluded.requested_at, expires_at = excluded.expires_at
         where r.requested_at <= $6",
        new.id.uuid(),
        new.email.as_str(),
        to_text(&new.language),
        new.requested_at,
        new.expires_at(),
        new.requested_at - RESEND_DELAY,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The registration of this id, if it still waits.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut SystemTx, id: RegistrationId) -> Result<Option<PendingRegistration>, Error> {
    sqlx::query_as!(
        RegistrationRow,
        "select id, email, language, has_account, code_tries, expires_at
         from maneiro.registrations where id = $1",
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?
    .map(PendingRegistration::try_from)
    .transpose()
}

/// Counts a try of a code, and returns the registration of the address with this try. Tries that are sent at the same time
/// are counted one after the other.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn count_try(tx: &mut SystemTx, email: &Email) -> Result<Option<PendingRegistration>, Error> {
    sqlx::query_as!(
        RegistrationRow,
        "update maneiro.registrations set code_tries = least(code_tries, $2) + 1 where lower(email) = lower($1)
         returning id, email, language, has_account, code_tries, expires_at",
        email.as_str(),
        i32::try_from(MAX_CODE_TRIES).map_err(Error::internal)?,
    )
    .fetch_optional(tx.conn())
    .await?
    .map(PendingRegistration::try_from)
    .transpose()
}

/// Uses a registration up.
///
/// # Errors
/// `CodeExpired` if another request has used it up, or another mail replaced it.
pub async fn delete(tx: &mut SystemTx, id: RegistrationId) -> Result<(), Error> {
    let done =
        sqlx::query!("delete from maneiro.registrations where id = $1", id.uuid()).execute(tx.conn()).await?;
    expect_rows(1, &done).map_err(|_| Error::CodeExpired)
}

/// Forgets the registrations that expired before this.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(tx: &mut SystemTx, before: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.registrations where expires_at < $1", before)
        .execute(tx.conn())
        .await?;
    Ok(())
}
