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
