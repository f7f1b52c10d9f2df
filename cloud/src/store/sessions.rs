//! Sign-ins. A token is stored as its SHA-256 only.

use maneiro_api::{OrgId, SessionId, UserId};
use time::OffsetDateTime;

use super::{OrgTx, SystemTx, error::expect_rows, text::from_text};
use crate::domain::{actor::ValidSession, error::Error};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// A new sign-in.
#[derive(Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// The clinic it acts in.
    pub org: OrgId,
    /// The person.
    pub user: UserId,
    /// Of its token.
    pub token_hash: TokenHash,
    /// When it begins.
    pub at: OffsetDateTime,
    /// When it ends at the latest.
    pub expires_at: OffsetDateTime,
}

/// Stores a sign-in.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn add(tx: &mut SystemTx, new: &NewSession) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.sessions (id, org_id, user_id, token_hash, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $5, $6)",
        new.id.uuid(),
        new.org.uuid(),
        new.user.uuid(),
        &new.token_hash,
        new.at,
        new.expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The session of a token if it is valid at `now`; notes that it was used, to the minute.
///
/// # Errors
/// `Unauthenticated` if there is none, or it expired or was revoked.
pub async fn authenticate(
    tx: &mut SystemTx,
    token: &TokenHash,
    now: OffsetDateTime,
) -> Result<ValidSession, Error> {
    let row = sqlx::query!(
        "with seen as (
             update maneiro.sessions set last_seen_at = $2
             where token_hash = $1 and revoked_at is null and expires_at > $2
               and last_seen_at < $2::timestamptz - interval '1 minute'
         )
         select s.id, s.org_id, s.user_id, m.role
         from maneiro.sessions s
         join maneiro.memberships m on m.org_id = s.org_id and m.user_id = s.user_id
         where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2",
        token,
        now,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Unauthenticated)?;
    Ok(ValidSession {
        session: SessionId::from_uuid(row.id),
        org: OrgId::from_uuid(row.org_id),
        user: UserId::from_uuid(row.user_id),
        role: from_text(&row.role)?,
    })
}

/// Whether a session is still valid at `now`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn is_valid(tx: &mut OrgTx, session: SessionId, now: OffsetDateTime) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from maneiro.sessions
                          where id = $1 and revoked_at is null and expires_at > $2) as "valid!""#,
        session.uuid(),
        now,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Ends a session.
///
/// # Errors
/// `Bug` if it is not of this clinic, or has ended.
pub async fn revoke(tx: &mut OrgTx, session: SessionId, at: OffsetDateTime) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.sessions set revoked_at = $2 where id = $1 and revoked_at is null",
        session.uuid(),
        at,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}
