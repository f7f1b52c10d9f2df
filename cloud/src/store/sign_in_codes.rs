//! Codes that a web page shows and the app signs in with.

use maneiro_api::{OrgId, UserId, account::SessionLevel};
use time::OffsetDateTime;

use super::{
    SystemTx,
    enum_text::{from_text, to_text},
};
use crate::domain::error::Error;

/// A sign-in that a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeSignIn {
    pub org: OrgId,
    pub user: UserId,
    pub level: SessionLevel,
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(
    tx: &mut SystemTx,
    code_hash: &[u8; 32],
    sign_in: CodeSignIn,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.sign_in_codes (code_hash, org_id, user_id, level, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        code_hash,
        sign_in.org.uuid(),
        sign_in.user.uuid(),
        to_text(&sign_in.level),
        created_at,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Uses a code up that has not expired at `now`, and returns the hash of the user's password besides. Of two that do so at the
/// same time one finds nothing.
///
/// # Errors
/// `CodeWrong` if there is none.
pub async fn take(
    tx: &mut SystemTx,
    code_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<(CodeSignIn, String), Error> {
    let row = sqlx::query!(
        "delete from maneiro.sign_in_codes s using maneiro.credentials c
         where s.code_hash = $1 and s.expires_at > $2 and c.user_id = s.user_id and c.kind = 'password'
         returning s.org_id, s.user_id, s.level, c.hash",
        code_hash,
        now,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::CodeWrong)?;
    let sign_in = CodeSignIn {
        org: OrgId::from_uuid(row.org_id),
        user: UserId::from_uuid(row.user_id),
        level: from_text(&row.level)?,
    };
    Ok((sign_in, row.hash))
}

/// Deletes the codes of a user, whose password has changed.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_of_user(tx: &mut SystemTx, user: UserId) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.sign_in_codes where user_id = $1", user.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(tx: &mut SystemTx, before: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.sign_in_codes where expires_at < $1", before)
        .execute(tx.conn())
        .await?;
    Ok(())
}
