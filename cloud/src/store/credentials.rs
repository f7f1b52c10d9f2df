//! What users prove their identity with.

use maneiro_api::UserId;
use time::OffsetDateTime;

use super::SystemTx;
use crate::domain::error::Error;

/// The hash of a user's password.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if the user has none.
pub async fn password_hash(tx: &mut SystemTx, user: UserId) -> Result<String, Error> {
    Ok(sqlx::query_scalar!(
        "select hash from maneiro.credentials where user_id = $1 and kind = 'password'",
        user.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Replaces the hash of a user's password. Returns whether it still was `current`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn change_password(
    tx: &mut SystemTx,
    user: UserId,
    current: &str,
    new: &str,
    changed_at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.credentials set hash = $3, changed_at = $4
         where user_id = $1 and kind = 'password' and hash = $2",
        user.uuid(),
        current,
        new,
        changed_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets another password, whatever it was and whether the user had one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_password(
    tx: &mut SystemTx,
    user: UserId,
    new: &str,
    changed_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.credentials (user_id, kind, hash, created_at, changed_at)
         values ($1, 'password', $2, $3, $3)
         on conflict on constraint credentials_pkey do update set hash = excluded.hash, changed_at = excluded.changed_at",
        user.uuid(),
        new,
        changed_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Replaces the hash of an unchanged password by a stronger one. Returns the hash that is stored now: another sign-in may have
/// replaced it first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn upgrade_hash(
    tx: &mut SystemTx,
    user: UserId,
    current: &str,
    stronger: &str,
) -> Result<Option<String>, Error> {
    sqlx::query!(
        "update maneiro.credentials set hash = $3 where user_id = $1 and kind = 'password' and hash = $2",
        user.uuid(),
        current,
        stronger,
    )
    .execute(tx.conn())
    .await?;
    Ok(sqlx::query_scalar!(
        "select hash from maneiro.credentials where user_id = $1 and kind = 'password'",
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_all(tx: &mut SystemTx, user: UserId) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.credentials where user_id = $1", user.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
